import { parseMoment } from "./local-date.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { fireRuleOf, type FireRule } from "./schedule-fire.ts";
import { midnightOf, skippingEdges, skipsDay, type SkipsDay } from "./schedule-skip.ts";
import { TimeZone } from "./time-zone.ts";
import { edgesOf, type WindowEdges } from "./window-edges.ts";

const DAY_MS = 86_400_000;

/** A half-open stretch of time in epoch milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The windows of a schedule, in order, and when each fires. */
export interface ScheduleWindows {
  readonly zone: TimeZone;
  /** The first that ends after. `null`: there is none any more. */
  next(ms: number): Span | null;
  /** The last that has ended by then. */
  last(ms: number): Span | null;
  /** The one that contains it. */
  at(ms: number): Span | null;
  /** When its run fires: at its end, or later. Rises from window to window. */
  readonly fire: FireRule;
}

/** Reading a schedule costs as much as a hundred windows of it. */
const KNOWN = new WeakMap<ScheduleManifest, ScheduleWindows | null>();

/** `null` for `@once` and `@continuous`, whose windows follow from what happens. @throws TuttiError as `checkSchedule` */
export function windowsOf(schedule: ScheduleManifest): ScheduleWindows | null {
  const known = KNOWN.get(schedule);
  if (known !== undefined) return known;
  const windows = read(schedule);
  KNOWN.set(schedule, windows);
  return windows;
}

function read(schedule: ScheduleManifest): ScheduleWindows | null {
  const zone = TimeZone.of(timezoneOf(schedule));
  const skips = skipsDay(schedule.skip);
  const fire = fireRuleOf(schedule, zone);
  if (schedule.kind === "dates") return { zone, fire, ...listed(datesOf(schedule.dates, zone, skips)) };
  const edges = edgesOf(schedule);
  if (edges === null) return null;
  if (skips === null) return { zone, fire, ...between(edges) };
  const ticks = schedule.kind === "cron" || schedule.kind.startsWith("every") || schedule.kind === "rrule";
  return { zone, fire, ...(ticks ? between(skippingEdges(edges, zone, skips)) : without(between(edges), zone, skips)) };
}

type Order = Pick<ScheduleWindows, "next" | "last" | "at">;

/** From edge to edge. A rule that begins or ends has a first tick with nothing before it: a window without width. */
function between(edges: WindowEdges): Order {
  const endingAt = (end: number | null): Span | null =>
    end === null ? null : { start: edges.last(end - 1) ?? end, end };
  return {
    next: (ms) => endingAt(edges.next(ms)),
    last: (ms) => endingAt(edges.last(ms)),
    at: (ms) => {
      const [start, end] = [edges.last(ms), edges.next(ms)];
      return start === null || end === null ? null : { start, end };
    },
  };
}

/** Windows that begin on a day which is left out are no windows. */
function without(order: Order, zone: TimeZone, skips: SkipsDay): Order {
  const skipped = (span: Span): boolean => skips(midnightOf(zone, span.start));
  const edgeOfDay = (span: Span, days: number): number =>
    zone.firstInstantOf(midnightOf(zone, span.start) + days * DAY_MS);
  return {
    next(ms) {
      let span = order.next(ms);
      while (span !== null && skipped(span)) span = order.next(Math.max(span.end, edgeOfDay(span, 1)));
      return span;
    },
    last(ms) {
      let span = order.last(ms);
      while (span !== null && skipped(span)) span = order.last(edgeOfDay(span, 0));
      return span;
    },
    at(ms) {
      const span = order.at(ms);
      return span === null || skipped(span) ? null : span;
    },
  };
}

function datesOf(dates: readonly string[], zone: TimeZone, skips: SkipsDay | null): number[] {
  const moments = dates.map((date) => parseMoment(date, zone));
  const kept = skips === null ? moments : moments.filter((ms) => !skips(midnightOf(zone, ms)));
  return [...new Set(kept)].sort((a, b) => a - b);
}

/** Each a window of its own, without width. */
function listed(moments: readonly number[]): Order {
  const span = (ms: number | undefined): Span | null => (ms === undefined ? null : { start: ms, end: ms });
  return {
    next: (ms) => span(moments.find((each) => each > ms)),
    last: (ms) => span(moments.findLast((each) => each <= ms)),
    at: (ms) => span(moments.find((each) => each === ms)),
  };
}
