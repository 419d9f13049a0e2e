import type { Instant } from "../core/clock.ts";
import { DueQueue } from "../core/due-queue.ts";
import type { EngineClock } from "./engine-clock.ts";

/** One timer for everything that is due some time: it rings at the earliest moment, and says who has come due, in order. */
export class DueTimer<Waiting> {
  readonly #clock: EngineClock;
  readonly #due: (waiting: Waiting) => void;
  /** What holds: what stands in the queue and differs from it is stale. */
  readonly #waiting = new Map<Waiting, Instant>();
  #queue = this.#emptyQueue();
  #cancel: (() => void) | null = null;
  #at: Instant | null = null;

  constructor(clock: EngineClock, due: (waiting: Waiting) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** `null`: nothing of it is due any more. Holds from the next `arm` on. */
  set(waiting: Waiting, dueAt: Instant | null): void {
    if (dueAt === null) return void this.#waiting.delete(waiting);
    if (this.#waiting.get(waiting) === dueAt) return;
    this.#waiting.set(waiting, dueAt);
    this.#queue.add(waiting, dueAt);
    if (this.#queue.size > 2 * this.#waiting.size + SPARE) this.#sweep();
  }

  arm(): void {
    const { next } = this.#queue;
    if (next === this.#at && this.#cancel) return;
    this.stop();
    this.#at = next;
    if (next !== null) this.#cancel = this.#clock.at(next, () => this.#ring());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #ring(): void {
    this.#cancel = null;
    const now = this.#clock.now();
    let early = true;
    for (let waiting = this.#queue.take(now); waiting !== undefined; waiting = this.#queue.take(now)) {
      early = false;
      // Whoever is told says when it is due next; until then it is due no more.
      this.#waiting.delete(waiting);
      this.#due(waiting);
    }
    // The clock was turned back meanwhile. Otherwise it is armed again when what is due has been decided.
    if (early) this.arm();
  }

  /** What is due far ahead and was put off again and again would stay for ever. */
  #sweep(): void {
    this.#queue = this.#emptyQueue();
    for (const [waiting, dueAt] of this.#waiting) this.#queue.add(waiting, dueAt);
  }

  #emptyQueue(): DueQueue<Waiting> {
    return new DueQueue((waiting, at) => this.#waiting.get(waiting) !== at);
  }
}

const SPARE = 1_000;
