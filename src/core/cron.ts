import { CronTicks } from "./cron-ticks.ts";
import { type LocalTime, TimeZone, type Transition } from "./time-zone.ts";

/**
 * A cron expression (five fields, or six with seconds first) in a zone. Day of month and day of week, both given, mean either.
 *
 * When the clocks jump forward, a tick in the gap moves to the first instant after it, and ticks that meet there are one.
 * When they fall back, an hour field of exactly `*` fires in both hours; any other fires once, at the second.
 */
export class CronRule {
  readonly #ticks: CronTicks;
  readonly #zone: TimeZone;
  readonly #everyHour: boolean;

  /** @throws TuttiError `BAD_CRON`, `BAD_TIMEZONE` */
  constructor(expression: string, timezone: string) {
    this.#zone = TimeZone.of(timezone);
    this.#ticks = new CronTicks(expression);
    this.#everyHour = this.#ticks.hourField === "*";
  }

  /** The first tick after `ms`; `null`: there is none. */
  next(ms: number): number | null {
    return this.#everyHour ? this.#nextOfEveryHour(ms) : this.#nextOnce(ms);
  }

  /** The last tick at or before `ms`; `null`: there is none. */
  last(ms: number): number | null {
    return this.#everyHour ? this.#lastOfEveryHour(ms) : this.#lastOnce(ms);
  }

  #nextOnce(ms: number): number | null {
    const local = this.#ticks.after(this.#settledWallTime(ms));
    return local === null ? null : this.#zone.lastInstantOf(local);
  }

  #lastOnce(ms: number): number | null {
    const local = this.#ticks.atOrBefore(this.#settledWallTime(ms));
    return local === null ? null : this.#zone.lastInstantOf(local);
  }

  /** Until when the wall clock's ticks are over. In the first of two equal hours none of its ticks is: they fire in the second. */
  #settledWallTime(ms: number): LocalTime {
    const local = this.#zone.localOf(ms);
    const [first, second] = this.#zone.instantsOf(local);
    if (second === undefined || ms !== first) return local;
    const fallBack = this.#zone.transitionsBetween(ms, second)[0]!;
    return fallBack.at + fallBack.after - 1;
  }

  /** Stretch by stretch of an unchanged offset: within one, the wall clock just runs. */
  #nextOfEveryHour(ms: number): number | null {
    let local = this.#ticks.after(this.#zone.localOf(ms));
    let offset = this.#zone.offsetAt(ms);
    for (let from = ms; local !== null;) {
      const change = this.#zone.transitionsBetween(from, local - offset)[0];
      if (change === undefined) return local - offset;
      if (this.#movesToGapEnd(change)) return change.at;
      [from, offset] = [change.at, change.after];
      local = this.#ticks.after(from + offset - 1);
    }
    return null;
  }

  #lastOfEveryHour(ms: number): number | null {
    let local = this.#ticks.atOrBefore(this.#zone.localOf(ms));
    let offset = this.#zone.offsetAt(ms);
    for (let until = ms; local !== null;) {
      const change = this.#zone.transitionsBetween(local - offset, until).at(-1);
      if (change === undefined) return local - offset;
      if (this.#movesToGapEnd(change)) return change.at;
      [until, offset] = [change.at - 1, change.before];
      local = this.#ticks.atOrBefore(until + offset);
    }
    return null;
  }

  /** A tick of every hour is missed only in an hour that the gap cuts in two. An hour that is skipped whole owes none. */
  #movesToGapEnd({ at, before, after }: Transition): boolean {
    const end = at + after;
    const hour = Math.floor(end / HOUR_MS) * HOUR_MS;
    const tick = after > before ? this.#ticks.atOrBefore(end) : null;
    return tick !== null && tick >= Math.max(hour, at + before);
  }
}

const HOUR_MS = 3_600_000;
