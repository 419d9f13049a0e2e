import type { Instant } from "../core/clock.ts";
import type { EngineClock } from "./engine-clock.ts";

/** One timer for everything that is due some time: it rings at the earliest moment, and says who has come due. */
export class DueTimer<Waiting> {
  readonly #clock: EngineClock;
  readonly #due: (waiting: Waiting) => void;
  readonly #waiting = new Map<Waiting, Instant>();
  #cancel: (() => void) | null = null;
  #at: Instant | null = null;

  constructor(clock: EngineClock, due: (waiting: Waiting) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** `null`: nothing of it is due any more. Holds from the next `arm` on. */
  set(waiting: Waiting, dueAt: Instant | null): void {
    if (dueAt === null) this.#waiting.delete(waiting);
    else this.#waiting.set(waiting, dueAt);
  }

  arm(): void {
    let next: Instant | null = null;
    for (const dueAt of this.#waiting.values()) if (next === null || dueAt < next) next = dueAt;
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
    for (const [waiting, dueAt] of this.#waiting) {
      if (dueAt > now) continue;
      early = false;
      this.#due(waiting);
    }
    // The clock was turned back meanwhile. Otherwise it is armed again when what is due has been decided.
    if (early) this.arm();
  }
}
