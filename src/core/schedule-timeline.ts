import { parseMoment } from "./local-date.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { type ScheduleWindows, type Span, windowsOf } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";

/** A schedule where it stands: inside a workflow's edges, and as late as its jitter makes it. */
export interface PlacedSchedule {
  readonly schedule: ScheduleManifest;
  /** As the user wrote them, `null`: none; local to the schedule's zone where they name no offset. */
  readonly start: string | null;
  readonly end: string | null;
  readonly lateMs: number;
}

/** Earlier than every window that anybody means; where there is no last window, looking begins here. */
const EARLIEST = Date.UTC(1900, 0, 1);

export const edgesOfSchedule = ({ schedule, start, end }: PlacedSchedule): { startMs: number; endMs: number } => {
  const zone = TimeZone.of(timezoneOf(schedule));
  return {
    startMs: start === null ? -Infinity : parseMoment(start, zone),
    endMs: end === null ? Infinity : parseMoment(end, zone),
  };
};

/** The windows of a placed schedule in the order of firing. A window belongs to it when it lies wholly inside its edges. */
export class Timeline {
  readonly startMs: number;
  readonly #endMs: number;
  readonly #windows: ScheduleWindows;
  readonly #lateMs: number;

  constructor(placed: PlacedSchedule, windows: ScheduleWindows) {
    ({ startMs: this.startMs, endMs: this.#endMs } = edgesOfSchedule(placed));
    this.#windows = windows;
    this.#lateMs = placed.lateMs;
  }

  /** `null` for `@once` and `@continuous`. */
  static of(placed: PlacedSchedule): Timeline | null {
    const windows = windowsOf(placed.schedule);
    return windows === null ? null : new Timeline(placed, windows);
  }

  fireAt(span: Span): number {
    return this.#windows.fire.at(span.end) + this.#lateMs;
  }

  /** The first that ends after. */
  next(ms: number): Span | null {
    let span = this.#windows.next(this.startMs > ms ? this.startMs - 1 : ms);
    while (span !== null && span.start < this.startMs) span = this.#windows.next(span.end);
    return span !== null && span.end <= this.#endMs ? span : null;
  }

  /** The first that fires at a moment or after it. */
  firingFrom(ms: number): Span | null {
    const before = this.#lastFiringBefore(ms);
    return this.next(before?.end ?? EARLIEST);
  }

  /** The last few that fire before a moment and end after `after`, in order; a long past is not told window by window. */
  lastFiringBefore(ms: number, after: number, limit: number): Span[] {
    const found: Span[] = [];
    let span = this.#lastFiringBefore(ms);
    while (span !== null && span.end > this.#endMs) span = this.#windows.last(Math.min(span.end - 1, this.#endMs));
    while (span !== null && span.end > after && span.start >= this.startMs && found.length < limit) {
      found.push(span);
      span = this.#windows.last(span.end - 1);
    }
    return found.reverse();
  }

  #lastFiringBefore(ms: number): Span | null {
    let span = this.#windows.last(ms);
    while (span !== null && this.fireAt(span) >= ms) span = this.#windows.last(span.end - 1);
    return span;
  }
}
