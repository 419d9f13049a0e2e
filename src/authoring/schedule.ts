import type { Duration } from "../core/duration.ts";
import { parseMoment } from "../core/local-date.ts";
import { checkSchedule, PRESETS, type ScheduleManifest } from "../core/schedule.ts";
import { TimeZone } from "../core/time-zone.ts";
import { durationOption, knownOptions, within } from "./known-options.ts";
import { checkName } from "./names.ts";
import { didYouMean } from "./nearest.ts";
import { refusal } from "./refusal.ts";

/** A schedule that a word is enough for. Its windows are calendar units in UTC; `@once` and `@continuous` start when enabled. */
export type Preset = (typeof PRESETS)[number];

/** What starts a workflow: a preset, or what `daily`, `cron` or `every` made. */
export type Schedule = Preset | ScheduleRule;

type Unnamed<S> = S extends unknown ? Omit<S, "name"> : never;

/** A schedule made by `daily`, `cron` or `every`. */
export class ScheduleRule {
  readonly #rule: Unnamed<ScheduleManifest>;
  readonly #name: string | null;

  /** @throws TuttiError What `checkSchedule` throws, from where the user wrote it. */
  constructor(rule: Unnamed<ScheduleManifest>, name: string | undefined, what: string) {
    this.#rule = rule;
    this.#name = name === undefined ? null : checkName(name, "a schedule");
    within(what, () => checkSchedule(this.manifest("schedule")));
  }

  /** `byPlace`: its name unless it was given one. */
  manifest(byPlace: string): ScheduleManifest {
    return { name: this.#name ?? byPlace, ...this.#rule };
  }
}

/** What the schedules have in common. */
export interface ScheduleOptions {
  /** IANA name of the zone that its local times are in. Default: `"UTC"`. */
  readonly timezone?: string;
  /** Names it, so that its history survives reordering. Default: `schedule`, `schedule_2` … by place. */
  readonly name?: string;
}

/** When a day's run fires. */
export interface DailyOptions extends ScheduleOptions {
  /** Local time, 24 hours, `"06:00"`. Default: `"00:00"`. */
  readonly at?: string;
}

/** Where an interval is counted from. */
export interface EveryOptions {
  /** A moment that is a tick; UTC where it names no offset. Default: `"1970-01-01T00:00Z"`. */
  readonly anchor?: string | Date;
  /** As of every schedule. */
  readonly name?: string;
}

/**
 * Every day at a local time; the window is the calendar day before.
 *
 * @throws TuttiError `BAD_SCHEDULE` for a time that is none; `BAD_TIMEZONE`; `UNKNOWN_OPTION`
 * @example dag("retail", { schedule: daily({ at: "06:00", timezone: "Europe/London" }) }, () => { load(); });
 */
export function daily(options: DailyOptions = {}): ScheduleRule {
  const { at = "00:00", timezone = "UTC", name } = knownOptions(options, ["at", "timezone", "name"], "daily(…)");
  return new ScheduleRule({ kind: "daily", at, timezone }, name, "daily(…)");
}

/**
 * By a cron expression of five fields (minute, hour, day of month, month, day of week), or six with seconds first.
 * The window reaches from the tick before to this tick.
 *
 * @throws TuttiError `BAD_CRON` for an expression that can't be read, or that no date matches; `BAD_TIMEZONE`; `UNKNOWN_OPTION`
 * @example dag("quotes", { schedule: cron("0 9-17 * * MON-FRI", { timezone: "America/New_York" }) }, () => { load(); });
 */
export function cron(expression: string, options: ScheduleOptions = {}): ScheduleRule {
  const what = `cron(${JSON.stringify(expression)})`;
  const { timezone = "UTC", name } = knownOptions(options, ["timezone", "name"], what);
  return new ScheduleRule({ kind: "cron", expression, timezone }, name, what);
}

/**
 * At a fixed interval, counted from an anchor whatever the calendar does; the window is that long.
 *
 * @throws TuttiError `BAD_DURATION`; `BAD_SCHEDULE` for no time at all; `BAD_DATE` for an anchor that is no moment; `UNKNOWN_OPTION`
 * @example dag("poll", { schedule: every("90m", { anchor: "2025-01-01T00:00Z" }) }, () => { load(); });
 */
export function every(interval: Duration, options: EveryOptions = {}): ScheduleRule {
  const what = `every(${JSON.stringify(interval)})`;
  const { anchor = "1970-01-01T00:00Z", name } = knownOptions(options, ["anchor", "name"], what);
  const everyMs = durationOption(interval, what, "interval") ?? 0;
  const anchorMs = within(what, () =>
    anchor instanceof Date ? anchor.getTime() : parseMoment(anchor, TimeZone.of("UTC")),
  );
  if (Number.isNaN(anchorMs)) throw refusal("BAD_DATE", `${what}: the anchor is an invalid Date.`);
  return new ScheduleRule({ kind: "every", everyMs, anchor: new Date(anchorMs).toISOString() }, name, what);
}

/** @throws TuttiError `BAD_SCHEDULE`, `DUPLICATE_SCHEDULE` */
export function readSchedules(given: unknown, what: string): ScheduleManifest[] {
  if (given === undefined) return [];
  const schedules = (Array.isArray(given) ? given : [given]).map((one: unknown, place) =>
    readSchedule(one, place, what),
  );
  const names = schedules.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw refusal("DUPLICATE_SCHEDULE", `${what} has two schedules named "${twice}". Give one of them another name.`);
  return schedules;
}

function readSchedule(given: unknown, place: number, what: string): ScheduleManifest {
  const name = place === 0 ? "schedule" : `schedule_${place + 1}`;
  if (given instanceof ScheduleRule) return given.manifest(name);
  if ((PRESETS as readonly unknown[]).includes(given))
    return { name, kind: "preset", preset: given as Preset, timezone: "UTC" };
  const shown = typeof given === "string" ? `"${given}"` : `a ${given === null ? "null" : typeof given}`;
  const hint = typeof given === "string" ? didYouMean(given, PRESETS) : "";
  throw refusal(
    "BAD_SCHEDULE",
    `${what}: ${shown} is no schedule.${hint} Write one of ${PRESETS.join(", ")}, or daily({ at }), cron("* * * * *"), every("90m"), or a list of these.`,
  );
}
