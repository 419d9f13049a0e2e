import { CronRule } from "./cron.ts";
import { TuttiError } from "./errors.ts";
import { parseMoment } from "./local-date.ts";
import { RRuleTicks } from "./schedule-rrule.ts";
import type { SkipManifest } from "./schedule-skip.ts";
import { TimeZone } from "./time-zone.ts";

/** The schedules that need no more than a name. A week begins on Sunday, as in Airflow. */
export const PRESETS = [
  "@hourly",
  "@daily",
  "@weekly",
  "@monthly",
  "@quarterly",
  "@yearly",
  "@once",
  "@continuous",
] as const;

/** What the schedules have in common; absent where the user gave none. */
interface Common {
  /** The key of its cursor: unique in the workflow. */
  readonly name: string;
  /** What its runs are started with, as the value codec encodes it. */
  readonly params?: string;
  /** It fires up to this much later, always by the same amount. */
  readonly jitterMs?: number;
  readonly skip?: SkipManifest;
}

/** Days count from 1 and past a month's end mean its last; months count from 1; weekdays from Sunday, 0. */
export type CalendarRule =
  | { readonly kind: "hourly"; readonly minute: number; readonly timezone: string }
  | { readonly kind: "daily"; readonly at: string; readonly timezone: string }
  | {
      readonly kind: "weekly";
      readonly begins: number;
      readonly on: number;
      readonly at: string;
      readonly timezone: string;
    }
  | { readonly kind: "monthly"; readonly on: number; readonly at: string; readonly timezone: string }
  | {
      /** `month`: of the quarter, or of the year, that follows the window. */
      readonly kind: "quarterly" | "yearly";
      readonly month: number;
      readonly on: number;
      readonly at: string;
      readonly timezone: string;
    };

export type ScheduleRuleManifest =
  | { readonly kind: "preset"; readonly preset: (typeof PRESETS)[number]; readonly timezone: string }
  | CalendarRule
  /** Each expression ticks by itself; ticks that meet are one. */
  | { readonly kind: "cron"; readonly expressions: readonly string[]; readonly timezone: string }
  | { readonly kind: "every"; readonly everyMs: number; readonly anchor: string; readonly timezone?: string }
  /** Whole days on the wall clock: as long as the zone makes them. `anchor` is local. */
  | { readonly kind: "every_days"; readonly days: number; readonly anchor: string; readonly timezone: string }
  | { readonly kind: "rrule"; readonly rule: string; readonly timezone: string }
  /** Moments in order, each once, as ISO instants. */
  | { readonly kind: "dates"; readonly dates: readonly string[]; readonly timezone: string };

/** A schedule as the manifest holds it. Windows are half-open; zones are IANA names. */
export type ScheduleManifest = Common & ScheduleRuleManifest;

export const timezoneOf = (schedule: ScheduleRuleManifest): string => schedule.timezone ?? "UTC";

/** Milliseconds since midnight of `"06:00"`. @throws TuttiError `BAD_SCHEDULE` */
export function parseTimeOfDay(text: string): number {
  const found = typeof text === "string" ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) : null;
  if (found === null) throw badSchedule(`${JSON.stringify(text)} is not a time of day. Write it like "06:00".`);
  return (Number(found[1]) * 60 + Number(found[2])) * 60_000;
}

/** @throws TuttiError `BAD_SCHEDULE`, `BAD_CRON`, `BAD_RRULE`, `BAD_TIMEZONE`, or `BAD_DATE` for an anchor or a date. */
export function checkSchedule(schedule: ScheduleManifest): void {
  const zone = TimeZone.of(timezoneOf(schedule));
  if (schedule.jitterMs !== undefined) wholeFrom(schedule.jitterMs, 0, "jitter", "milliseconds");
  switch (schedule.kind) {
    case "preset":
      if (!PRESETS.includes(schedule.preset))
        throw badSchedule(
          `${JSON.stringify(schedule.preset)} is not a schedule. Use one of ${PRESETS.join(" ")}, or daily(…), cron(…), every(…).`,
        );
      return;
    case "cron":
      if (schedule.expressions.length === 0) throw badSchedule(`A cron schedule needs at least one expression.`);
      for (const expression of schedule.expressions) void new CronRule(expression, schedule.timezone);
      return;
    case "every":
      if (!(Number.isSafeInteger(schedule.everyMs) && schedule.everyMs > 0))
        throw badSchedule(
          `An interval of ${schedule.everyMs} ms never ends. It must be longer than zero, e.g. every("90m").`,
        );
      parseMoment(schedule.anchor, zone);
      return;
    case "every_days":
      wholeFrom(schedule.days, 1, "every", "days");
      parseMoment(schedule.anchor, zone);
      return;
    case "rrule":
      void new RRuleTicks(schedule.rule, schedule.timezone);
      return;
    case "dates":
      if (schedule.dates.length === 0) throw badSchedule(`A list of dates without a date never fires.`);
      for (const date of schedule.dates) parseMoment(date, zone);
      return;
    default:
      checkCalendar(schedule);
  }
}

function checkCalendar(schedule: CalendarRule): void {
  if (schedule.kind === "hourly") {
    wholeFrom(schedule.minute, 0, "at", "minutes", 59);
    return;
  }
  parseTimeOfDay(schedule.at);
  if (schedule.kind === "weekly") {
    wholeFrom(schedule.begins, 0, "begins", "a weekday", 6);
    wholeFrom(schedule.on, 0, "on", "a weekday", 6);
  } else if (schedule.kind !== "daily") wholeFrom(schedule.on, 1, "on", "a day of the month", 31);
  if (schedule.kind === "quarterly") wholeFrom(schedule.month, 1, "month", "a month of the quarter", 3);
  if (schedule.kind === "yearly") wholeFrom(schedule.month, 1, "month", "a month of the year", 12);
}

function wholeFrom(value: number, least: number, option: string, what: string, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  throw badSchedule(`"${option}" is ${String(value)}; it must be ${what}, ${range}.`);
}

export const badSchedule = (message: string): TuttiError => new TuttiError("BAD_SCHEDULE", message);
