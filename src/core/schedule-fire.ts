import { type CalendarRule, parseTimeOfDay, type ScheduleManifest } from "./schedule.ts";
import type { LocalTime, TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;

/** When the run of a window fires, from the window's end; all in epoch milliseconds. */
export interface FireRule {
  at(end: number): number;
  /** The time of day that the user wrote, on the day it fires; `null`: it fires when the window ends. */
  wallTime(end: number): LocalTime | null;
}

export function fireRuleOf(schedule: ScheduleManifest, zone: TimeZone): FireRule {
  const wallTime = wallTimeOf(schedule, zone);
  if (wallTime !== null) return { at: (end) => zone.lastInstantOf(wallTime(end)), wallTime };
  const after = schedule.kind === "hourly" ? schedule.minute * 60_000 : 0;
  return { at: (end) => end + after, wallTime: () => null };
}

/** By how much a schedule fires later than it says: the same for ever, and another one for each key, so that load is spread. */
export const jitterOf = (schedule: ScheduleManifest, key: string): number =>
  schedule.jitterMs === undefined ? 0 : Math.floor((hash(key) / 2 ** 32) * (schedule.jitterMs + 1));

/** What the amount of a schedule's jitter follows from. */
export const jitterKey = (workflow: string, { name }: ScheduleManifest): string => `${workflow}/${name}`;

/** FNV-1a with a last stir: keys that differ in a letter are far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) h = Math.imul(h ^ text.charCodeAt(place), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function wallTimeOf(schedule: ScheduleManifest, zone: TimeZone): ((end: number) => LocalTime) | null {
  switch (schedule.kind) {
    case "daily":
    case "weekly":
    case "monthly":
    case "quarterly":
    case "yearly": {
      const [date, time] = [dateAfter(schedule), parseTimeOfDay(schedule.at)];
      return (end) => date(new Date(zone.localOf(end))) + time;
    }
    default:
      return null;
  }
}

/** The midnight of the day that a window fires on, from the local time at which it ends. */
function dateAfter(rule: Exclude<CalendarRule, { kind: "hourly" }>): (end: Date) => LocalTime {
  switch (rule.kind) {
    case "daily":
      return (end) => dayOf(end);
    case "weekly":
      return (end) => dayOf(end) + ((rule.on - end.getUTCDay() + 7) % 7) * DAY_MS;
    case "monthly":
      return (end) => dayOfMonth(end, 0, rule.on);
    default:
      return (end) => dayOfMonth(end, rule.month - 1, rule.on);
  }
}

const dayOf = (date: Date): LocalTime => Math.floor(date.getTime() / DAY_MS) * DAY_MS;

function dayOfMonth(end: Date, months: number, day: number): LocalTime {
  const [year, month] = [end.getUTCFullYear(), end.getUTCMonth() + months];
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, length));
}
