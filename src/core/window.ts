import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import { dateExists, formatDate, isBareDate, parseDate, parseMoment } from "./local-date.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { TimeZone } from "./time-zone.ts";
import { type Span, windowsOf } from "./schedule-windows.ts";
import { dayEdges } from "./window-edges.ts";

/** The half-open interval that a scheduled run covers. */
export interface Window {
  readonly start: Instant;
  readonly end: Instant;
  /** The local calendar date of its start, `YYYY-MM-DD`. */
  readonly date: string;
  readonly timezone: string;
}

/** What one run covers. */
export interface RunWindow extends Window {
  /** Key of the partition that it makes. Absent: it makes none. */
  readonly partition?: string;
}

/** More windows than anyone means to ask for at once. */
const MAX_WINDOWS = 100_000;

/** The window that contains an instant; of zero width for `@once` and `@continuous`. `null`: the schedule has none there. */
export function windowOfInstant(schedule: ScheduleManifest, instant: Instant): Window | null {
  const windows = windowsOf(schedule);
  if (windows === null) return momentWindow(instant, timezoneOf(schedule));
  const span = windows.at(Math.floor(instant / 1000));
  return span === null ? null : windowFrom(span, windows.zone);
}

/**
 * The window that contains a date's first instant in the schedule's zone, or an ISO moment; of listed dates, the first on that date.
 * `null`: there is none, or the zone never had that date.
 *
 * @throws TuttiError `BAD_DATE`
 * @example windowOfDate(schedule, "2025-08-12")
 */
export function windowOfDate(schedule: ScheduleManifest, date: string): Window | null {
  const ms = momentOfDate(date, TimeZone.of(timezoneOf(schedule)));
  if (ms === null) return null;
  const window = windowOfInstant(schedule, ms * 1000);
  if (window !== null || schedule.kind !== "dates" || !isBareDate(date)) return window;
  return windowsBetween(schedule, date, date)[0] ?? null;
}

/** What a date means for a workflow without a schedule: that day. For an ISO moment: the day it is in. @throws TuttiError `BAD_DATE`, `BAD_TIMEZONE` */
export function dayWindow(date: string, timezone = "UTC"): Window | null {
  const zone = TimeZone.of(timezone);
  const ms = momentOfDate(date, zone);
  if (ms === null) return null;
  const edges = dayEdges(zone);
  return windowFrom({ start: edges.last(ms)!, end: edges.next(ms)! }, zone);
}

/** What a run without a schedule covers: nothing, at the moment it was asked for. */
export function momentWindow(instant: Instant, timezone = "UTC"): Window {
  const zone = TimeZone.of(timezone);
  return { start: instant, end: instant, date: formatDate(zone.localOf(Math.floor(instant / 1000))), timezone };
}

/** The newest window that has ended by `now`, whether or not it has fired; of zero width for `@once` and `@continuous`. */
export function lastClosedWindow(schedule: ScheduleManifest, now: Instant): Window | null {
  const windows = windowsOf(schedule);
  if (windows === null) return momentWindow(now, timezoneOf(schedule));
  const span = windows.last(Math.floor(now / 1000));
  return span === null ? null : windowFrom(span, windows.zone);
}

/**
 * Every window whose local start date lies in `from … to`, both included, in order. `@once` and `@continuous` have none.
 *
 * @throws TuttiError `BAD_DATE`, `TOO_MANY_WINDOWS`
 */
export function windowsBetween(schedule: ScheduleManifest, from: string, to: string): Window[] {
  const windows: Window[] = [];
  for (const window of eachWindowBetween(schedule, from, to)) {
    if (windows.push(window) > MAX_WINDOWS)
      throw new TuttiError(
        "TOO_MANY_WINDOWS",
        `There are more than ${MAX_WINDOWS} windows from ${from} to ${to}. Ask for fewer dates at once.`,
      );
  }
  return windows;
}

/**
 * The same one by one, without a bound; newest first where it is asked for. `after`: only those that come after the one that ends
 * then, in the order asked for. @throws TuttiError `BAD_DATE`
 */
export function* eachWindowBetween(
  schedule: ScheduleManifest,
  from: string,
  to: string,
  order: "oldest" | "newest" = "oldest",
  after?: Instant,
): Generator<Window> {
  const [first, last] = [parseDate(from), parseDate(to)];
  if (first > last)
    throw new TuttiError(
      "BAD_DATE",
      `${JSON.stringify(from)} is after ${JSON.stringify(to)}. The first date comes first.`,
    );
  const windows = windowsOf(schedule);
  if (windows === null) return;
  // The second midnight, and a look at each date: where clocks fall back over midnight, a date goes on after the next one began.
  const begin = windows.zone.firstInstantOf(first);
  const until = windows.zone.lastInstantOf(last + DAY_MS);
  const newest = order === "newest";
  let span = newest ? (windows.next(until) ?? windows.last(until)) : windows.next(begin - 1);
  if (after !== undefined) span = newest ? windows.last(after / 1000 - 1) : windows.next(after / 1000);
  while (span !== null && (newest ? span.end >= begin : span.start < until)) {
    const window = windowFrom(span, windows.zone);
    if (window.date >= from && window.date <= to) yield window;
    span = newest ? windows.last(span.end - 1) : windows.next(span.end);
  }
}

/** Those that lie wholly within one of these stretches, which stand in order and apart; otherwise as `eachWindowBetween`. */
export function* eachWindowWithin(
  schedule: ScheduleManifest,
  stretches: readonly Span[],
  order: "oldest" | "newest" = "oldest",
  after?: Instant,
): Generator<Window> {
  const windows = windowsOf(schedule);
  if (windows === null) return;
  const newest = order === "newest";
  const afterMs = after === undefined ? null : after / 1000;
  for (const stretch of newest ? stretches.toReversed() : stretches) {
    if (afterMs !== null && (newest ? stretch.start >= afterMs : stretch.end <= afterMs)) continue;
    // One without width may stand on the edge.
    const from = newest
      ? Math.min(stretch.end, (afterMs ?? Infinity) - 1)
      : Math.max(stretch.start - 1, afterMs ?? -Infinity);
    let span = newest ? windows.last(from) : windows.next(from);
    while (span !== null && (newest ? span.end >= stretch.start : span.start <= stretch.end)) {
      if (span.start >= stretch.start && span.end <= stretch.end) yield windowFrom(span, windows.zone);
      span = newest ? windows.last(span.end - 1) : windows.next(span.end);
    }
  }
}

const DAY_MS = 86_400_000;

function momentOfDate(date: string, zone: TimeZone): number | null {
  if (isBareDate(date) && !dateExists(zone, parseDate(date))) return null;
  return parseMoment(date, zone);
}

/** A window as a run has it. */
export const windowFrom = ({ start, end }: Span, zone: TimeZone): Window => ({
  start: start * 1000,
  end: end * 1000,
  date: formatDate(zone.localOf(start)),
  timezone: zone.name,
});
