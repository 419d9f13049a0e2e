import { badOption } from "./known-options.ts";
import { makeSchedule, type ScheduleOptions, type ScheduleRule } from "./schedule-rule.ts";
import { readSkip, type SkipOptions } from "./schedule-skip.ts";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** When an hour's run fires. Days that are left out have no windows. */
export interface HourlyOptions extends ScheduleOptions, SkipOptions {
  /** Past the hour, `":15"`. Default: `":00"`. */
  readonly at?: string;
}

/** When a day's run fires. Days that are left out have no window. */
export interface DailyOptions extends ScheduleOptions, SkipOptions {
  /** Local time, 24 hours, `"06:00"`. Default: `"00:00"`. */
  readonly at?: string;
}

/** When a week's run fires. */
export interface WeeklyOptions extends ScheduleOptions {
  /** As of `daily`. */
  readonly at?: string;
  /** On the first of these after the week. Default: the weekday that weeks begin with. */
  readonly on?: Weekday;
  /** The first day of a week, and of the window. Default: `"sunday"`. */
  readonly begins?: Weekday;
}

/** When a month's run fires. */
export interface MonthlyOptions extends ScheduleOptions {
  /** As of `daily`. */
  readonly at?: string;
  /** Day of the month that follows; in a month that is shorter, its last. Default: 1. */
  readonly on?: number | "last";
}

/** When a quarter's or a year's run fires. */
export interface LongCalendarOptions extends MonthlyOptions {
  /** Which month of the quarter (1 to 3) or of the year (1 to 12) that follows. Default: 1. */
  readonly month?: number;
}

/**
 * Every hour of the local clock; the window is the hour before. When clocks fall back, both equal hours are hours.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_TIMEZONE`, `BAD_DATE`, `SCHEDULE_FUNCTION_FAILED`, `UNKNOWN_OPTION`
 * @example dag("poll", { schedule: hourly({ at: ":15" }) }, () => { load(); });
 */
export function hourly(options?: HourlyOptions): ScheduleRule {
  const what = "hourly(…)";
  return makeSchedule(what, options, ["at", "timezone", "skip"], ({ at = ":00", timezone = "UTC", skip }) => {
    const minute = typeof at === "string" ? /^:([0-5]\d)$/.exec(at)?.[1] : undefined;
    if (minute === undefined) throw badOption(what, "at", at, 'minutes past the hour, such as ":15"');
    return { kind: "hourly", minute: Number(minute), timezone, ...readSkip(skip, what) };
  });
}

/**
 * Every day at a local time; the window is the calendar day before.
 *
 * @throws TuttiError `BAD_SCHEDULE` for a time that is none; `BAD_TIMEZONE`, `BAD_DATE`, `SCHEDULE_FUNCTION_FAILED`, `UNKNOWN_OPTION`
 * @example dag("retail", { schedule: daily({ at: "06:00", timezone: "Europe/London" }) }, () => { load(); });
 */
export function daily(options?: DailyOptions): ScheduleRule {
  const what = "daily(…)";
  return makeSchedule(what, options, ["at", "timezone", "skip"], ({ at = "00:00", timezone = "UTC", skip }) => ({
    kind: "daily",
    at,
    timezone,
    ...readSkip(skip, what),
  }));
}

/**
 * Every week; the window is the calendar week before.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_TIMEZONE`, `BAD_OPTION`, `UNKNOWN_OPTION`
 * @example dag("digest", { schedule: weekly({ on: "monday", at: "06:00", begins: "monday" }) }, () => { load(); });
 */
export function weekly(options?: WeeklyOptions): ScheduleRule {
  const what = "weekly(…)";
  return makeSchedule(what, options, ["at", "on", "begins", "timezone"], (given) => {
    const { at = "00:00", begins = "sunday", on = begins, timezone = "UTC" } = given;
    return {
      kind: "weekly",
      begins: weekdayNumber(begins, what, "begins"),
      on: weekdayNumber(on, what, "on"),
      at,
      timezone,
    };
  });
}

/**
 * Every month; the window is the calendar month before.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example dag("invoices", { schedule: monthly({ on: 3, at: "06:00" }) }, () => { load(); });
 */
export function monthly(options?: MonthlyOptions): ScheduleRule {
  return makeSchedule(
    "monthly(…)",
    options,
    ["at", "on", "timezone"],
    ({ at = "00:00", on = 1, timezone = "UTC" }) => ({
      kind: "monthly",
      on: dayOfMonth(on),
      at,
      timezone,
    }),
  );
}

/**
 * Every quarter; the window is the calendar quarter before.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example dag("report", { schedule: quarterly({ month: 1, on: 15, at: "06:00" }) }, () => { load(); });
 */
export const quarterly = (options?: LongCalendarOptions): ScheduleRule => long("quarterly", options);

/**
 * Every year; the window is the calendar year before.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example dag("accounts", { schedule: yearly({ month: 4, on: 6, timezone: "Europe/London" }) }, () => { load(); });
 */
export const yearly = (options?: LongCalendarOptions): ScheduleRule => long("yearly", options);

const long = (kind: "quarterly" | "yearly", options: LongCalendarOptions | undefined): ScheduleRule =>
  makeSchedule(`${kind}(…)`, options, ["at", "on", "month", "timezone"], (given) => {
    const { at = "00:00", on = 1, month = 1, timezone = "UTC" } = given;
    return { kind, month, on: dayOfMonth(on), at, timezone };
  });

const dayOfMonth = (on: number | "last"): number => (on === "last" ? 31 : on);

/** Sunday is 0. @throws TuttiError `BAD_OPTION` */
export function weekdayNumber(given: Weekday, what: string, option: string): number {
  const place = WEEKDAYS.indexOf(given);
  if (place === -1) throw badOption(what, option, given, `one of ${WEEKDAYS.map((day) => `"${day}"`).join(", ")}`);
  return place;
}
