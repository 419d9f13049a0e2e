/**
 * One cell for each slot of a child, in memory that its watchdog shares: while the main thread is blocked, the watchdog takes
 * back what has not started, and exactly one of the two wins. A cell says which turn was the last to start or to be taken back
 * there, and only rises: the host may ask about a task that has ended meanwhile, or whose slot has another one by now. Costs
 * the main thread two atomics a task.
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

  /** Main thread, before a task's code. `turn`: of all tasks this child was sent, from 1. `false`: it was taken back and must not start. */
  take(slot: number, turn: number): boolean {
    for (;;) {
      const before = Atomics.load(this.#cells, slot);
      if (before === takenBack(turn)) return false;
      if (Atomics.compareExchange(this.#cells, slot, before, started(turn)) === before) return true;
    }
  }

  /** Watchdog. `false`: the task has started, or ended. */
  takeBack(slot: number, turn: number): boolean {
    for (;;) {
      const before = Atomics.load(this.#cells, slot);
      if (before >= started(turn)) return false;
      if (Atomics.compareExchange(this.#cells, slot, before, takenBack(turn)) === before) return true;
    }
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

const started = (turn: number): number => turn * 2;
const takenBack = (turn: number): number => turn * 2 + 1;
