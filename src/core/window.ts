import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import { dateExists, formatDate, isBareDate, parseDate, parseMoment } from "./local-date.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { TimeZone } from "./time-zone.ts";
import { dayEdges, edgesOf, type WindowEdges } from "./window-edges.ts";

/** The half-open interval that a scheduled run covers. */
export interface Window {
  readonly start: Instant;
  readonly end: Instant;
  /** The local calendar date of its start, `YYYY-MM-DD`. */
  readonly date: string;
  readonly timezone: string;
}

/** More windows than anyone means to ask for at once. */
const MAX_WINDOWS = 100_000;

/** The window that contains an instant; of zero width for `@once` and `@continuous`. `null`: the schedule has none there. */
export function windowOfInstant(schedule: ScheduleManifest, instant: Instant): Window | null {
  const zone = TimeZone.of(timezoneOf(schedule));
  const edges = edgesOf(schedule);
  return edges === null ? momentWindow(instant, zone.name) : windowAt(edges, zone, Math.floor(instant / 1000));
}

/**
 * The window that contains a date's first instant in the schedule's zone, or an ISO moment. `null`: the zone never had that date.
 *
 * @throws TuttiError `BAD_DATE`
 * @example windowOfDate(schedule, "2025-08-12")
 */
export function windowOfDate(schedule: ScheduleManifest, date: string): Window | null {
  const ms = momentOfDate(date, TimeZone.of(timezoneOf(schedule)));
  return ms === null ? null : windowOfInstant(schedule, ms * 1000);
}

/** What a date means for a workflow without a schedule: that day. For an ISO moment: the day it is in. @throws TuttiError `BAD_DATE`, `BAD_TIMEZONE` */
export function dayWindow(date: string, timezone = "UTC"): Window | null {
  const zone = TimeZone.of(timezone);
  const ms = momentOfDate(date, zone);
  return ms === null ? null : windowAt(dayEdges(zone), zone, ms);
}

/** What a run without a schedule covers: nothing, at the moment it was asked for. */
export function momentWindow(instant: Instant, timezone = "UTC"): Window {
  const zone = TimeZone.of(timezone);
  return { start: instant, end: instant, date: formatDate(zone.localOf(Math.floor(instant / 1000))), timezone };
}

/** The newest window that has ended by `now`, whether or not it has fired; of zero width for `@once` and `@continuous`. */
export function lastClosedWindow(schedule: ScheduleManifest, now: Instant): Window | null {
  const zone = TimeZone.of(timezoneOf(schedule));
  const edges = edgesOf(schedule);
  if (edges === null) return momentWindow(now, zone.name);
  const end = edges.last(Math.floor(now / 1000));
  return end === null ? null : windowAt(edges, zone, end - 1);
}

/**
 * Every window whose local start date lies in `from … to`, both included, in order. `@once` and `@continuous` have none.
 *
 * @throws TuttiError `BAD_DATE`, `TOO_MANY_WINDOWS`
 */
export function windowsBetween(schedule: ScheduleManifest, from: string, to: string): Window[] {
  const zone = TimeZone.of(timezoneOf(schedule));
  const [first, last] = [parseDate(from), parseDate(to)];
  if (first > last)
    throw new TuttiError(
      "BAD_DATE",
      `${JSON.stringify(from)} is after ${JSON.stringify(to)}. The first date comes first.`,
    );
  const edges = edgesOf(schedule);
  if (edges === null) return [];

  const windows: Window[] = [];
  // The second midnight, and a look at each date: where clocks fall back over midnight, a date goes on after the next one began.
  const until = zone.lastInstantOf(last + DAY_MS);
  for (let start = edges.next(zone.firstInstantOf(first) - 1), end; start !== null && start < until; start = end) {
    end = edges.next(start);
    if (end === null) break;
    const window = windowFrom(start, end, zone);
    if (window.date >= from && window.date <= to) windows.push(window);
    if (windows.length > MAX_WINDOWS)
      throw new TuttiError(
        "TOO_MANY_WINDOWS",
        `There are more than ${MAX_WINDOWS} windows from ${from} to ${to}. Ask for fewer dates at once.`,
      );
  }
  return windows;
}

const DAY_MS = 86_400_000;

function momentOfDate(date: string, zone: TimeZone): number | null {
  if (isBareDate(date) && !dateExists(zone, parseDate(date))) return null;
  return parseMoment(date, zone);
}

function windowAt(edges: WindowEdges, zone: TimeZone, ms: number): Window | null {
  const start = edges.last(ms);
  const end = start === null ? null : edges.next(start);
  return start === null || end === null ? null : windowFrom(start, end, zone);
}

const windowFrom = (start: number, end: number, zone: TimeZone): Window => ({
  start: start * 1000,
  end: end * 1000,
  date: formatDate(zone.localOf(start)),
  timezone: zone.name,
});
