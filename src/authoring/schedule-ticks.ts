import { type Duration } from "../core/duration.ts";
import { parseMoment } from "../core/local-date.ts";
import type { ScheduleRuleManifest } from "../core/schedule.ts";
import { zoneOfRRule } from "../core/schedule-rrule.ts";
import { TimeZone } from "../core/time-zone.ts";
import { badOption, durationOption, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";
import { makeSchedule, type NamedSchedule, type ScheduleOptions, type ScheduleRule } from "./schedule-rule.ts";
import { useRRuleLibrary } from "./schedule-rrule.ts";
import { readSkip, type SkipOptions } from "./schedule-skip.ts";

const DAY_MS = 86_400_000;

/** Of a schedule that ticks. On days that are left out it does not, and the window after them is longer. */
export type TickOptions = ScheduleOptions & SkipOptions;

/** Where an interval is counted from. */
export interface EveryOptions extends NamedSchedule, SkipOptions {
  /** A moment that is a tick; in the zone where it names no offset. Default: `"1970-01-01T00:00"`. */
  readonly anchor?: string | Date;
  /** Whole days, counted on the wall clock: the same time of day whatever clocks do, so windows of 23 and 25 hours. Default: `false`, exact time. */
  readonly calendar?: boolean;
  /** IANA name of the zone that the anchor, days on the wall clock and days that are left out are in. Default: `"UTC"`. */
  readonly timezone?: string;
}

/**
 * By a cron expression of five fields (minute, hour, day of month, month, day of week), or six with seconds first; several in a list
 * tick together. The window reaches from the tick before to this tick.
 *
 * @throws TuttiError `BAD_CRON` for an expression that can't be read, or that no date matches; `BAD_TIMEZONE`, `BAD_DATE`,
 * `SCHEDULE_FUNCTION_FAILED`, `UNKNOWN_OPTION`
 * @example dag("quotes", { schedule: cron("0 9-17 * * MON-FRI", { timezone: "America/New_York" }) }, () => { load(); });
 */
export function cron(expression: string | readonly string[], options?: TickOptions): ScheduleRule {
  const what = `cron(${JSON.stringify(expression)})`;
  return makeSchedule(what, options, ["timezone", "skip"], ({ timezone = "UTC", skip }) => ({
    kind: "cron",
    expressions: Array.isArray(expression) ? [...(expression as readonly string[])] : [expression as string],
    timezone,
    ...readSkip(skip, what),
  }));
}

/**
 * At a fixed interval, counted from an anchor whatever the calendar does; the window is that long. With `calendar`, in whole days of
 * the wall clock.
 *
 * @throws TuttiError `BAD_DURATION`; `BAD_SCHEDULE` for no time at all, or no whole days; `BAD_DATE`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example dag("poll", { schedule: every("90m", { anchor: "2025-01-01T00:00Z" }) }, () => { load(); });
 */
export function every(interval: Duration, options?: EveryOptions): ScheduleRule {
  const what = `every(${JSON.stringify(interval)})`;
  return makeSchedule(what, options, ["anchor", "calendar", "timezone", "skip"], (given) => {
    const { anchor = "1970-01-01T00:00", calendar = false, timezone = "UTC", skip } = given;
    if (typeof calendar !== "boolean") throw badOption(what, "calendar", calendar, "true or false");
    const zone = within(what, () => TimeZone.of(timezone));
    const everyMs = durationOption(interval, what, "interval") ?? 0;
    const anchorMs = anchor instanceof Date ? anchor.getTime() : within(what, () => parseMoment(anchor, zone));
    if (Number.isNaN(anchorMs)) throw refusal("BAD_DATE", `${what}: the anchor is an invalid Date.`);
    const rest = readSkip(skip, what);
    if (!calendar) return { kind: "every", everyMs, anchor: new Date(anchorMs).toISOString(), timezone, ...rest };
    if (everyMs % DAY_MS !== 0)
      throw refusal(
        "BAD_SCHEDULE",
        `${what}: with "calendar" it must be whole days, e.g. every("2d", { calendar: true }).`,
      );
    const local = new Date(zone.localOf(anchorMs)).toISOString().slice(0, -1);
    return { kind: "every_days", days: everyMs / DAY_MS, anchor: local, timezone, ...rest };
  });
}

/**
 * By a recurrence rule of iCalendar (RFC 5545): a rule alone, or lines with DTSTART, RRULE, RDATE and EXDATE. The window reaches from
 * the tick before to this tick; the first has none before it and no width. Needs the package `rrule-temporal`.
 *
 * @throws TuttiError `BAD_RRULE` for a rule that can't be read, or that no date matches; `DRIVER_MISSING`, `BAD_TIMEZONE`, `BAD_DATE`,
 * `SCHEDULE_FUNCTION_FAILED`, `UNKNOWN_OPTION`
 * @example dag("payroll", { schedule: rrule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=18") }, () => { load(); });
 */
export function rrule(rule: string, options?: TickOptions): ScheduleRule {
  const what = `rrule(${JSON.stringify(rule)})`;
  useRRuleLibrary();
  return makeSchedule(what, options, ["timezone", "skip"], (given) => {
    const { timezone = (typeof rule === "string" ? zoneOfRRule(rule) : null) ?? "UTC", skip } = given;
    return { kind: "rrule", rule, timezone, ...readSkip(skip, what) };
  });
}

/**
 * On these dates and no others: `"2025-08-12"` is local midnight, `"2025-08-12T06:00"` local time, `"2025-08-12T06:00Z"` an instant.
 * A window has no width.
 *
 * @throws TuttiError `BAD_SCHEDULE` for none; `BAD_DATE`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example dag("audits", { schedule: dates(["2026-01-15T09:00", "2026-06-30T09:00"], { timezone: "Europe/Berlin" }) }, () => { load(); });
 */
export function dates(all: readonly (string | Date)[], options?: ScheduleOptions): ScheduleRule {
  const what = "dates(…)";
  return makeSchedule(what, options, ["timezone"], ({ timezone = "UTC" }): ScheduleRuleManifest => {
    if (!Array.isArray(all)) throw badOption(what, "dates", all, 'a list such as ["2025-08-12T06:00"]');
    const zone = within(what, () => TimeZone.of(timezone));
    const moments = (all as readonly (string | Date)[]).map((date) => momentOf(date, zone, what));
    const sorted = [...new Set(moments)].sort((a, b) => a - b).map((ms) => new Date(ms).toISOString());
    return { kind: "dates", dates: sorted, timezone };
  });
}

function momentOf(date: string | Date, zone: TimeZone, what: string): number {
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date.getTime();
  if (typeof date !== "string") throw refusal("BAD_DATE", `${what}: ${String(date)} is no date.`);
  return within(what, () => parseMoment(date, zone));
}
