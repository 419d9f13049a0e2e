import { CronPattern } from "croner";
import { type Duration } from "../core/duration.ts";
import type { ScheduleManifest } from "../core/schedule.ts";
import { durationOption, knownOptions } from "./known-options.ts";
import { checkName } from "./names.ts";
import { didYouMean } from "./nearest.ts";
import { refusal } from "./refusal.ts";

/** The schedules that a word is enough for. Their windows are calendar units in UTC; `@once` and `@continuous` start when enabled. */
export const PRESETS = ["@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly", "@once", "@continuous"] as const;

export type Preset = (typeof PRESETS)[number];

/** What starts a workflow: a preset, or what `daily`, `cron` or `every` made. */
export type Schedule = Preset | ScheduleRule;

type Rule = Omit<Extract<ScheduleManifest, { kind: "daily" }>, "name"> | Omit<Extract<ScheduleManifest, { kind: "cron" }>, "name"> | Omit<Extract<ScheduleManifest, { kind: "every" }>, "name">;

/** A schedule made by `daily`, `cron` or `every`. */
export class ScheduleRule {
  /** @internal */
  readonly rule: Rule;
  /** `null`: by its place among the workflow's schedules. */
  readonly name: string | null;

  constructor(rule: Rule, name: string | undefined) {
    this.rule = rule;
    this.name = name === undefined ? null : checkName(name, "a schedule");
    Object.freeze(this);
  }
}

interface SchedulePlace {
  /** IANA name of the zone that its local times are in. Default: `"UTC"`. */
  readonly timezone?: string;
  /** Names it, so that its history survives reordering. Default: `schedule`, `schedule_2` … by place. */
  readonly name?: string;
}

/**
 * Every day at a local time; the window is the calendar day before.
 *
 * @throws TuttiError `BAD_SCHEDULE` for a time that is none, or an unknown zone.
 * @example dag("retail", { schedule: daily({ at: "06:00", timezone: "Europe/London" }) }, () => { load(); });
 */
export function daily(
  options: SchedulePlace & {
    /** Local time, 24 hours, `"06:00"`. Default: `"00:00"`. */
    readonly at?: string;
  } = {},
): ScheduleRule {
  const { at = "00:00", timezone, name } = knownOptions(options, ["at", "timezone", "name"], "daily(…)");
  if (typeof at !== "string" || !/^([01]\d|2[0-3]):[0-5]\d$/.test(at)) throw refusal("BAD_SCHEDULE", `daily(…): "at" must be a time such as "06:00" (24 hours, two digits each); got ${JSON.stringify(at)}.`);
  return new ScheduleRule({ kind: "daily", at, timezone: checkZone(timezone, "daily(…)") }, name);
}

/**
 * By a cron expression of five fields: minute, hour, day of month, month, day of week. The window reaches from the tick before to this tick.
 *
 * @throws TuttiError `BAD_SCHEDULE` for an expression that can't be read, or an unknown zone.
 * @example dag("quotes", { schedule: cron("*\/15 9-17 * * MON-FRI", { timezone: "America/New_York" }) }, () => { load(); });
 */
export function cron(expression: string, options: SchedulePlace = {}): ScheduleRule {
  const what = `cron(${JSON.stringify(expression)})`;
  const { timezone, name } = knownOptions(options, ["timezone", "name"], what);
  try {
    if (typeof expression !== "string" || expression.startsWith("@")) throw new TypeError('five fields are needed; a preset such as "@daily" is given as it is, without cron(…)');
    new CronPattern(expression.trim(), undefined, { mode: "5-part" });
  } catch (error) {
    throw refusal("BAD_SCHEDULE", `${what} is no cron expression: ${(error as Error).message.replace(/^CronPattern: /, "")}`, { cause: error });
  }
  return new ScheduleRule({ kind: "cron", expression: expression.trim(), timezone: checkZone(timezone, what) }, name);
}

/**
 * At a fixed interval, counted from an anchor whatever the calendar does; the window is that long.
 *
 * @throws TuttiError `BAD_DURATION`; `BAD_SCHEDULE` for less than a second, or an anchor that is no instant.
 * @example dag("poll", { schedule: every("90m", { anchor: "2025-01-01T00:00Z" }) }, () => { load(); });
 */
export function every(
  interval: Duration,
  options: {
    /** An instant that is a tick. Default: `"1970-01-01T00:00Z"`. */
    readonly anchor?: string | Date;
    /** Names it, so that its history survives reordering. Default: `schedule`, `schedule_2` … by place. */
    readonly name?: string;
  } = {},
): ScheduleRule {
  const what = `every(${JSON.stringify(interval)})`;
  const { anchor = "1970-01-01T00:00Z", name } = knownOptions(options, ["anchor", "name"], what);
  const everyMs = durationOption(interval, what, "interval") ?? 0;
  if (everyMs < 1000) throw refusal("BAD_SCHEDULE", `${what}: the interval must be one second or more.`);
  const instant = anchor instanceof Date ? anchor : new Date(typeof anchor === "string" && /(Z|[+-]\d\d:\d\d)$/.test(anchor) ? anchor : NaN);
  if (Number.isNaN(instant.getTime())) throw refusal("BAD_SCHEDULE", `${what}: "anchor" must be an instant with its zone, such as "2025-01-01T00:00Z"; got ${JSON.stringify(anchor)}.`);
  return new ScheduleRule({ kind: "every", everyMs, anchor: instant.toISOString() }, name);
}

/** @throws TuttiError `BAD_SCHEDULE`, `DUPLICATE_SCHEDULE` */
export function readSchedules(given: unknown, what: string): ScheduleManifest[] {
  if (given === undefined) return [];
  const schedules = (Array.isArray(given) ? given : [given]).map((one: unknown, place) => readSchedule(one, place, what));
  const names = schedules.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw refusal("DUPLICATE_SCHEDULE", `${what} has two schedules named "${twice}". Give one of them another name.`);
  return schedules;
}

function readSchedule(given: unknown, place: number, what: string): ScheduleManifest {
  const name = place === 0 ? "schedule" : `schedule_${place + 1}`;
  if (given instanceof ScheduleRule) return { name: given.name ?? name, ...given.rule };
  if ((PRESETS as readonly unknown[]).includes(given)) return { name, kind: "preset", preset: given as Preset, timezone: "UTC" };
  const shown = typeof given === "string" ? `"${given}"` : `a ${given === null ? "null" : typeof given}`;
  const hint = typeof given === "string" ? didYouMean(given, PRESETS) : "";
  throw refusal("BAD_SCHEDULE", `${what}: ${shown} is no schedule.${hint} Write one of ${PRESETS.join(", ")}, or daily({ at }), cron("* * * * *"), every("90m"), or a list of these.`);
}

function checkZone(timezone: string | undefined, what: string): string {
  if (timezone === undefined) return "UTC";
  try {
    // Offsets such as "+01:00" are accepted there, but they are no zones: they have no summer time.
    if (typeof timezone === "string" && !/^[+-]/.test(timezone)) return void new Intl.DateTimeFormat("en", { timeZone: timezone }), timezone;
  } catch {
    // Said below.
  }
  throw refusal("BAD_SCHEDULE", `${what}: "${String(timezone)}" is no time zone. Use an IANA name such as "Europe/London".`);
}
