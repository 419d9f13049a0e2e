import { CronRule } from "./cron.ts";
import { parseMoment, startOfDay } from "./local-date.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { type LocalTime, TimeZone } from "./time-zone.ts";

/** Where a schedule's windows meet, in epoch milliseconds. `null`: there is no edge on that side. */
export interface WindowEdges {
  /** The last edge at or before. */
  last(ms: number): number | null;
  /** The first edge after. */
  next(ms: number): number | null;
}

/** `null`: the schedule's windows have no width. */
export function edgesOf(schedule: ScheduleManifest): WindowEdges | null {
  switch (schedule.kind) {
    case "preset":
      if (schedule.preset === "@once" || schedule.preset === "@continuous") return null;
      if (schedule.preset === "@hourly") return cronRule("0 * * * *", schedule.timezone);
      return calendarEdges(TimeZone.of(schedule.timezone), UNITS[schedule.preset]);
    case "daily":
      return calendarEdges(TimeZone.of(schedule.timezone), UNITS["@daily"]);
    case "cron":
      return cronRule(schedule.expression, schedule.timezone);
    case "every":
      return fixedEdges(schedule.everyMs, parseMoment(schedule.anchor, TimeZone.of(timezoneOf(schedule))));
  }
}

/** The days of a zone. */
export const dayEdges = (zone: TimeZone): WindowEdges => calendarEdges(zone, UNITS["@daily"]);

/** From a date to the `step`th unit after the one it is in. */
type Unit = (date: Date, step: number) => LocalTime;

const UNITS = {
  "@daily": (date, step) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + step),
  "@weekly": (date, step) =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - date.getUTCDay() + 7 * step),
  "@monthly": (date, step) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + step),
  "@quarterly": (date, step) => Date.UTC(date.getUTCFullYear(), (Math.floor(date.getUTCMonth() / 3) + step) * 3),
  "@yearly": (date, step) => Date.UTC(date.getUTCFullYear() + step, 0),
} as const satisfies Record<string, Unit>;

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
