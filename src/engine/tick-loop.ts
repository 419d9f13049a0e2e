import type { EngineClock } from "./engine-clock.ts";
import { SentBatch } from "./sent-batch.ts";

export interface TickLoopDeps {
  readonly clock: EngineClock;
  /** Processes that tasks run in side by side. */
  readonly processes: number;
  /** Decides everything that has arrived before it began. */
  readonly round: () => Promise<void>;
  /** Whether something has arrived meanwhile. */
  readonly hasMore: () => boolean;
  readonly onFatal: (error: unknown) => void;
}

/** Ticks while there is something to decide, never two at once, and sleeps otherwise. Dead for good once a tick throws. */
export class TickLoop {
  /** What the last tick has handed over: the next one waits for it. */
  readonly batch: SentBatch;
  readonly #deps: TickLoopDeps;
  #scheduled = false;
  #ticking = false;
  #dead = false;
  #untilIdle: (() => void)[] = [];
  #untilDecided: (() => void)[] = [];

  constructor(deps: TickLoopDeps) {
    this.#deps = deps;
    this.batch = new SentBatch(deps.clock, deps.processes);
  }

  /** Nothing is under way or about to be. */
  get sleeps(): boolean {
    return !this.#ticking && !this.#scheduled;
  }

  wake(): void {
    if (!this.sleeps || this.#dead) return;
    this.#scheduled = true;
    this.#deps.clock.soon(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  /** When everything that has arrived is durable. */
  settled(): Promise<void> {
    return this.sleeps ? Promise.resolve() : new Promise((resolve) => this.#untilIdle.push(resolve));
  }

  /** When what has arrived was decided once. */
  decided(): Promise<void> {
    return this.sleeps ? Promise.resolve() : new Promise((resolve) => this.#untilDecided.push(resolve));
  }

  async #run(): Promise<void> {
    this.#ticking = true;
    try {
      do {
        await this.batch.whole();
        const waiting = this.#untilDecided.splice(0);
        await this.#deps.round();
        for (const resolve of waiting) resolve();
      } while (this.#deps.hasMore());
    } catch (error) {
      this.#dead = true;
      this.#deps.onFatal(error);
    }
    this.#ticking = false;
    for (const resolve of [...this.#untilDecided.splice(0), ...this.#untilIdle.splice(0)]) resolve();
  }
}
