import { formatDuration } from "./duration.ts";
import { CronTicks } from "./cron-ticks.ts";
import type { ScheduleManifest } from "./schedule.ts";
import type { ComingWindow } from "./schedule-preview.ts";
import { windowsOf } from "./schedule-windows.ts";
import type { LocalTime, TimeZone, Transition } from "./time-zone.ts";

/** What clocks that are moved do to a window and its run, in sentences; empty where they do nothing. */
export function clockChangeWords(schedule: ScheduleManifest, { span, fireMs }: ComingWindow): string[] {
  const windows = windowsOf(schedule);
  if (windows === null) return [];
  const { zone } = windows;
  const late = fireMs - windows.fire.at(span.end);
  const fire = fireMs - late;
  const near = zone.transitionsBetween(Math.min(span.start, fire) - DAY_MS, fire + DAY_MS);
  const said: string[] = [];
  const others: Transition[] = [];
  for (const change of near) {
    const what = fireWords(schedule, fire, windows.fire.wallTime(span.end), change, zone);
    if (what === null) others.push(change);
    else said.push(`${changeText(change, zone)}: ${what}`);
  }
  return [...said, ...lengthWords(span, others, zone)];
}

const DAY_MS = 86_400_000;

function fireWords(
  schedule: ScheduleManifest,
  fire: number,
  wallTime: LocalTime | null,
  change: Transition,
  zone: TimeZone,
): string | null {
  const local = zone.localOf(fire);
  if (change.after > change.before) {
    const meant = fire === change.at ? (wallTime ?? lastTick(schedule, local)) : null;
    if (meant === null || meant === local) return null;
    return `${clock(meant)} does not exist that day, so it fires at ${clock(local)}, the first moment after.`;
  }
  const [first, second] = zone.instantsOf(local);
  if (second === undefined || change.at <= first! || change.at > second) return null;
  const both = `${clock(local)} comes twice that day`;
  if (fire === first && schedule.kind === "rrule") return `${both}, and a recurrence rule fires at the first.`;
  const windows = windowsOf(schedule)!;
  const other = fire === first ? second : first!;
  const span = windows.last(other);
  if (span !== null && windows.fire.at(span.end) === other)
    return `${both}, and it fires both times; this is the ${fire === first ? "first" : "second"}.`;
  return fire === second ? `${both}, and it fires once, at the second.` : null;
}

/** Of ticks on a wall clock, the one that a fire time stands for. */
function lastTick(schedule: ScheduleManifest, local: LocalTime): LocalTime | null {
  if (schedule.kind !== "cron") return null;
  const ticks = schedule.expressions.map((expression) => new CronTicks(expression).atOrBefore(local));
  return Math.max(...ticks.filter((tick) => tick !== null));
}

/** Only where the length is not what it always is: over a year the clocks come back to where they were. */
function lengthWords({ start, end }: ComingWindow["span"], changes: readonly Transition[], zone: TimeZone): string[] {
  const inside = changes.filter(({ at }) => at > start && at < end);
  const moved = inside.reduce((sum, { before, after }) => sum + after - before, 0);
  if (moved === 0) return [];
  const [long, shown] = [formatDuration(end - start), formatDuration(end - start + moved)];
  const said = inside.map((change) => changeText(change, zone)).join(", ");
  return [`${said}: the window is ${long} long, which the clocks show as ${shown}.`];
}

function changeText({ at, before, after }: Transition, zone: TimeZone): string {
  const date = new Date(at + before).toISOString().slice(0, 10);
  const [from, to] = [clock(at + before), clock(at + after)];
  return `${zone.name} ${after > before ? "jumps" : "falls back"} from ${from} to ${to} on ${date}`;
}

const clock = (local: LocalTime): string => new Date(local).toISOString().slice(11, 16);
