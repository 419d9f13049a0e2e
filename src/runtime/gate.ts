const OPEN = 0;
const STARTED = 1;
const TAKEN_BACK = 2;

/**
 * One cell for each task a child was sent, in memory that its watchdog shares: while the main thread is blocked,
 * the watchdog takes back what has not started, and exactly one of the two wins. Costs the main thread one atomic a task.
 */
export class Gate {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array<SharedArrayBuffer>;

  static of(slots: number): Gate {
    return new Gate(new SharedArrayBuffer((slots + 1) * Int32Array.BYTES_PER_ELEMENT));
  }

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** Main thread, before a task's code. `false`: it was taken back and must not start. */
  take(slot: number): boolean {
    return Atomics.compareExchange(this.#cells, slot, OPEN, STARTED) === OPEN;
  }

  /** Watchdog. `false`: the task has started. */
  takeBack(slot: number): boolean {
    return Atomics.compareExchange(this.#cells, slot, OPEN, TAKEN_BACK) === OPEN;
  }

  /** Main thread, before it tells the host that the task is over: only then does the host give the slot to another. */
  free(slot: number): void {
    Atomics.store(this.#cells, slot, OPEN);
  }

  /** Whose code has the loop until its first `await`, for what a debugger can't interrupt. `null`: nobody's. */
  set inside(slot: number | null) {
    this.#cells[this.#cells.length - 1] = slot === null ? 0 : slot + 1;
  }

  get inside(): number | null {
    const cell = Atomics.load(this.#cells, this.#cells.length - 1);
    return cell === 0 ? null : cell - 1;
  }
}
