import { addMs } from "../core/clock.ts";
import type { EngineClock } from "./engine-clock.ts";
import { type Arrival, elsewhere } from "./arrival.ts";

/** How long the rest of a batch is waited for, from when it was handed over. */
const LONGEST_WAIT_MS = 1;
/** Of fewer a commit is not much cheaper than one each. */
const SMALLEST_BATCH = 4;

/**
 * Tasks that were handed over together. Those that take no time come back within the same millisecond, from several processes: decided
 * as they come, two halves of what is under way would take turns, each with a commit of its own, and the store would be
 * the busier for it. So a tick waits for all of them, and never for long: most tasks take longer than a commit.
 */
export class SentBatch {
  readonly #clock: EngineClock;
  readonly #inTurns: boolean;
  #out = 0;
  #until = 0;
  #whole: (() => void) | null = null;

  /** `processes`: that tasks run in. What one has ended comes together anyway. */
  constructor(clock: EngineClock, processes: number) {
    this.#clock = clock;
    this.#inTurns = processes > 1;
  }

  sent(count: number): void {
    this.#out = this.#inTurns && count >= SMALLEST_BATCH ? count : 0;
    this.#until = addMs(this.#clock.now(), LONGEST_WAIT_MS);
  }

  arrived(arrival: Arrival): void {
    const isBack = (arrival.kind === "finished" || arrival.kind === "lost") && elsewhere(arrival) === undefined;
    if (isBack && this.#out > 0 && --this.#out === 0) this.#whole?.();
  }

  /** When all of it is back, or its time is over. */
  async whole(): Promise<void> {
    if (this.#out > 0 && this.#clock.now() < this.#until)
      await new Promise<void>((resolve) => {
        const stop = this.#clock.at(this.#until, resolve);
        this.#whole = () => {
          stop();
          // What came with the last of them is taken with it.
          this.#clock.soon(resolve);
        };
      });
    this.#whole = null;
    this.#out = 0;
  }
}
