import type { Instant } from "../../core/clock.ts";
import type { Fleet, NewWorker } from "../../store/fleet.ts";
import type { EngineClock } from "../engine-clock.ts";
import { isPassing, patiently } from "../patience.ts";

export interface LeaseEvents {
  /** It has ended, as far as this process can know: what it ran is others' now. */
  lost(): void;
  /** It holds from now on; what was held before an end of it is not. */
  gained(): void;
  /** It was renewed. */
  kept(): void;
  /** The store refuses for good. */
  refused(error: unknown): void;
}

/** How often a beat may fail within the time to the next one. */
const BEATS = 3;

/**
 * The worker's row, renewed three times within each lease. The lease is counted from when the question was sent and by this
 * process's own timer, so it ends here no later than in the store, whatever becomes of the answer or of the time of day.
 */
export class WorkerLease {
  readonly #fleet: Pick<Fleet, "keepWorker" | "leaveWorker">;
  readonly #clock: EngineClock;
  readonly #record: () => NewWorker;
  readonly #leaseMs: number;
  readonly #events: LeaseEvents;
  #held = false;
  #number = 0;
  /** When the question was sent whose answer holds now. */
  #keptAt: Instant = 0;
  #stopped = false;
  #beating: Promise<void> = Promise.resolve();
  #cancelBeat: () => void = () => {};
  #cancelEnd: () => void = () => {};

  constructor(
    fleet: Pick<Fleet, "keepWorker" | "leaveWorker">,
    clock: EngineClock,
    record: () => NewWorker,
    leaseMs: number,
    events: LeaseEvents,
  ) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#record = record;
    this.#leaseMs = leaseMs;
    this.#events = events;
  }

  /** A process that stood still finds out by the time, before its timers say so. */
  get isHeld(): boolean {
    const since = this.#clock.now() - this.#keptAt;
    return this.#held && since >= 0 && since < this.#leaseMs * 1000;
  }

  /** Rises with each lease: what was claimed under an earlier one may be others' by now. */
  get number(): number {
    return this.#number;
  }

  /** @throws what the store throws: the first time nothing is tried again. */
  begin(): Promise<void> {
    return (this.#beating = this.#beat());
  }

  /** What passes is tried again while the lease lasts. @throws what the store throws, the last of it when the lease has ended */
  whileHeld<T>(ask: () => Promise<T>): Promise<T> {
    return patiently(this.#clock, ask, () => !this.#held);
  }

  /** Ends the lease: whoever looks finds nobody. */
  async leave(): Promise<void> {
    this.stop();
    // A beat that is under way would write the row again.
    await this.#beating.catch(() => {});
    await this.#fleet.leaveWorker(this.#record().name);
  }

  /** Lets it run out. */
  stop(): void {
    this.#stopped = true;
    this.#held = false;
    this.#cancelBeat();
    this.#cancelEnd();
  }

  async #beat(): Promise<void> {
    let isAnswered = false;
    let isLate = false;
    // Armed before the question is sent: the store counts from when it hears it.
    const cancelEnd = this.#clock.at(this.#clock.now() + this.#leaseMs * 1000, () => {
      isLate = true;
      this.#end();
      // An answer that takes so long may never come.
      if (!isAnswered) this.#beatIn(0);
    });
    const sentAt = this.#clock.now();
    try {
      await this.#fleet.keepWorker(this.#record(), this.#leaseMs);
    } catch (error) {
      cancelEnd();
      throw error;
    } finally {
      isAnswered = true;
    }
    if (isLate) return;
    if (this.#stopped) return cancelEnd();
    this.#keptAt = sentAt;
    this.#hold(cancelEnd);
    this.#beatIn(this.#leaseMs / BEATS);
  }

  #hold(cancelEnd: () => void): void {
    this.#cancelEnd();
    this.#cancelEnd = cancelEnd;
    const isNew = !this.#held;
    this.#held = true;
    if (isNew) this.#number += 1;
    if (isNew) this.#events.gained();
    else this.#events.kept();
  }

  #end(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#events.lost();
  }

  #beatIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancelBeat();
    this.#cancelBeat = this.#clock.at(this.#clock.now() + ms * 1000, () => {
      this.#beating = this.#beat();
      this.#beating.catch((error: unknown) => {
        if (this.#stopped) return;
        if (isPassing(error)) return this.#beatIn(this.#leaseMs / (BEATS * BEATS));
        this.#events.refused(error);
      });
    });
  }
}
