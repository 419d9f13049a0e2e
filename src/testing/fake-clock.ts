import { addMs, dateFromInstant, type Instant, instantFromDate } from "../core/clock.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import { TuttiError } from "../core/errors.ts";
import type { EngineClock } from "../engine/engine-clock.ts";

interface Timer {
  readonly at: Instant;
  readonly call: () => void;
}

/**
 * A clock that stands still until it is turned. Given to `runWorkflow`, retries and delays wait for `advance`.
 *
 * @example
 * const clock = fakeClock("2025-08-12T06:00Z");
 * const running = runWorkflow(flaky, { clock });
 * await clock.advance("10m"); // a retry that is due within ten minutes starts
 * const run = await running;
 */
export class FakeClock implements EngineClock {
  #now: Instant;
  readonly #timers = new Set<Timer>();
  #seed = 1;

  constructor(now: Instant) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  /** The present moment as a date. */
  get date(): Date {
    return dateFromInstant(this.#now);
  }

  at(instant: Instant, call: () => void): () => void {
    const timer = { at: instant, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  soon(call: () => void): void {
    setImmediate(call);
  }

  /** The same numbers in every test. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 48_271) >>> 0) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  /** Turns the clock by a duration such as `"10m"` or milliseconds; what falls due on the way happens in its order. */
  async advance(time: Duration): Promise<void> {
    const end = addMs(this.#now, parseDuration(time));
    for (let next = this.nextDue(); next !== null && next <= end; next = this.nextDue()) {
      this.turnTo(next);
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** When the next thing is due; `null`: nothing waits. */
  nextDue(): Instant | null {
    let next: Instant | null = null;
    for (const { at } of this.#timers) if (next === null || at < next) next = at;
    return next;
  }

  /** Turns the clock to a moment and lets happen what is due by then. */
  turnTo(instant: Instant): void {
    this.#now = Math.max(this.#now, instant);
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.call();
  }
}

/** A clock that stands at `start` (a date, or what `new Date` reads). Default: 2025-01-01T00:00Z. @throws TuttiError `BAD_DATE` */
export function fakeClock(start: Date | string = "2025-01-01T00:00:00Z"): FakeClock {
  const date = new Date(start);
  if (Number.isNaN(date.getTime()))
    throw new TuttiError(
      "BAD_DATE",
      `"${String(start)}" is no moment that a clock could stand at. Give a Date or e.g. "2025-08-12T06:00Z".`,
    );
  return new FakeClock(instantFromDate(date));
}

/** A few turns of the loop: enough for what a due timer starts to reach the next point where it waits. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
