import { CronRule } from "./cron.ts";
import { parseMoment, startOfDay } from "./local-date.ts";
import { type CalendarRule, type ScheduleRuleManifest, timezoneOf } from "./schedule.ts";
import { RRuleTicks } from "./schedule-rrule.ts";
import { type LocalTime, TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;

/** Where a schedule's windows meet, in epoch milliseconds. `null`: there is no edge on that side. */
export interface WindowEdges {
  /** The last edge at or before. */
  last(ms: number): number | null;
  /** The first edge after. */
  next(ms: number): number | null;
}

/** Where the windows of a schedule meet. `null`: they have no width, or are listed one by one. */
export function edgesOf(schedule: ScheduleRuleManifest): WindowEdges | null {
  const zone = TimeZone.of(timezoneOf(schedule));
  const unit = unitOf(schedule);
  if (unit === "hour") return cronRule("0 * * * *", zone.name);
  if (unit !== null) return calendarEdges(zone, unit);
  switch (schedule.kind) {
    case "cron":
      return unionOf(schedule.expressions.map((expression) => cronRule(expression, zone.name)));
    case "every":
      return fixedEdges(schedule.everyMs, parseMoment(schedule.anchor, zone));
    case "every_days":
      return dayCountEdges(zone, schedule.days, zone.localOf(parseMoment(schedule.anchor, zone)));
    case "rrule":
      return new RRuleTicks(schedule.rule, zone.name);
    default:
      return null;
  }
}

/** What a calendar schedule's windows are; `null`: it is none. */
function unitOf(schedule: ScheduleRuleManifest): Unit | "hour" | null {
  switch (schedule.kind === "preset" ? schedule.preset : schedule.kind) {
    case "@hourly":
    case "hourly":
      return "hour";
    case "@daily":
    case "daily":
      return DAY;
    case "@weekly":
      return weekFrom(0);
    case "weekly":
      return weekFrom((schedule as Extract<CalendarRule, { kind: "weekly" }>).begins);
    case "@monthly":
    case "monthly":
      return monthsOf(1);
    case "@quarterly":
    case "quarterly":
      return monthsOf(3);
    case "@yearly":
    case "yearly":
      return monthsOf(12);
    default:
      return null;
  }
}

/** The days of a zone. */
export const dayEdges = (zone: TimeZone): WindowEdges => calendarEdges(zone, DAY);

/** From a date to the `step`th unit after the one it is in. */
type Unit = (date: Date, step: number) => LocalTime;

const DAY: Unit = (date, step) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + step);
const weekFrom =
  (weekday: number): Unit =>
  (date, step) =>
    Date.UTC(
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate() - ((date.getUTCDay() - weekday + 7) % 7) + 7 * step,
    );
const monthsOf =
  (months: number): Unit =>
  (date, step) =>
    Date.UTC(date.getUTCFullYear(), (Math.floor(date.getUTCMonth() / months) + step) * months);

function calendarEdges(zone: TimeZone, unit: Unit): WindowEdges {
  const edge = (ms: number, step: number): number => startOfDay(zone, unit(new Date(zone.localOf(ms)), step));
  return {
    last(ms) {
      // Clocks that fall back over midnight show a date again that has ended; a date that was skipped begins where the next one does.
      let found = edge(ms, 1);
      for (let step = 0; found > ms; step--) found = edge(ms, step);
      return found;
    },
    next(ms) {
      let found = edge(ms, 1);
      for (let step = 2; found <= ms; step++) found = edge(ms, step);
      return found;
    },
  };
}

function fixedEdges(everyMs: number, anchor: number): WindowEdges {
  const last = (ms: number): number => anchor + Math.floor((ms - anchor) / everyMs) * everyMs;
  return { last, next: (ms) => last(ms) + everyMs };
}

/** The same time of day every so many days; in a gap the first instant after it, of two equal ones the second. */
function dayCountEdges(zone: TimeZone, days: number, anchor: LocalTime): WindowEdges {
  const everyMs = days * DAY_MS;
  const edge = (place: number): number => zone.lastInstantOf(anchor + place * everyMs);
  const placeOf = (ms: number): number => Math.floor((zone.localOf(ms) - anchor) / everyMs);
  return {
    last(ms) {
      let place = placeOf(ms) + 1;
      while (edge(place) > ms) place--;
      return edge(place);
    },
    next(ms) {
      let place = placeOf(ms);
      while (edge(place) <= ms) place++;
      return edge(place);
    },
  };
}

/** Ticks that meet are one. */
function unionOf(all: readonly WindowEdges[]): WindowEdges {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return {
    last: (ms) =>
      extreme(
        Math.max,
        all.map((edges) => edges.last(ms)),
      ),
    next: (ms) =>
      extreme(
        Math.min,
        all.map((edges) => edges.next(ms)),
      ),
  };
}

function extreme(pick: (...of: number[]) => number, found: readonly (number | null)[]): number | null {
  const there = found.filter((each) => each !== null);
  return there.length === 0 ? null : pick(...there);
}

/** Reading an expression costs as much as a tick; the same few are asked again and again. */
const rules = new Map<string, CronRule>();
const MAX_RULES = 1000;

function cronRule(expression: string, timezone: string): CronRule {
  const key = `${timezone} ${expression}`;
  const known = rules.get(key);
  if (known !== undefined) return known;
  if (rules.size >= MAX_RULES) rules.clear();
  const rule = new CronRule(expression, timezone);
  rules.set(key, rule);
  return rule;
}
