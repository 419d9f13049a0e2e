import { TuttiError } from "./errors.ts";
import { isBareDate } from "./local-date.ts";
import { joinSpans } from "./partition-subset.ts";
import type { ScheduleManifest } from "./schedule.ts";
import type { Span } from "./schedule-windows.ts";
import { type Window, windowOfDate, windowsBetween } from "./window.ts";

/** `2025-10-26-01:00+0000`, as partitions by the hour are written; the offset is that of the second of two equal hours. */
const HOUR_KEY = /^(\d{4}-\d{2}-\d{2})-(\d{2}:\d{2})(?:([+-]\d{2})(\d{2}))?$/;
const MONTH_KEY = /^(\d{4})-(\d{2})$/;

export interface PartitionStretches {
  /** The first and the last key, as they were given. */
  readonly from: string;
  readonly to: string;
  readonly within: readonly Span[];
}

/**
 * The stretches of time that keys stand for: the windows of a schedule that begin on a date or in a month, or the one that contains a
 * local time. `text`: one, several with commas between, or ranges `FIRST..LAST`, both included.
 *
 * @throws TuttiError `PARTITION_UNKNOWN`, `BAD_DATE`, `TOO_MANY_WINDOWS`
 */
export function partitionStretches(schedule: ScheduleManifest, text: string): PartitionStretches {
  const parts = text.split(",").map((part) =>
    part
      .trim()
      .split("..", 2)
      .map((key) => key.trim()),
  );
  const spans = parts.map(([first = "", last = first]): Span => {
    const [start, end] = [spanOf(schedule, first), spanOf(schedule, last)];
    if (start.start <= end.start) return { start: start.start, end: end.end };
    throw new TuttiError("BAD_DATE", `"${first}" is after "${last}". The first partition comes first.`);
  });
  return { from: parts[0]![0]!, to: parts.at(-1)!.at(-1)!, within: joinSpans(spans) };
}

function spanOf(schedule: ScheduleManifest, key: string): Span {
  const windows = windowsOfKey(schedule, key);
  const [first, last] = [windows[0], windows.at(-1)];
  if (first !== undefined && last !== undefined) return { start: first.start / 1000, end: last.end / 1000 };
  throw new TuttiError(
    "PARTITION_UNKNOWN",
    `There is no partition "${key}": the schedule "${schedule.name}" has no window there.`,
  );
}

function windowsOfKey(schedule: ScheduleManifest, key: string): readonly Window[] {
  const month = MONTH_KEY.exec(key);
  if (month !== null) {
    const days = new Date(Date.UTC(Number(month[1]), Number(month[2]), 0)).getUTCDate();
    return windowsBetween(schedule, `${key}-01`, `${key}-${days}`);
  }
  const onDate = isBareDate(key) ? windowsBetween(schedule, key, key) : [];
  if (onDate.length > 0 || key === "") return onDate;
  const moment = key.replace(HOUR_KEY, (_, date: string, time: string, hours?: string, minutes?: string) =>
    hours === undefined ? `${date}T${time}` : `${date}T${time}${hours}:${minutes}`,
  );
  const window = windowOfDate(schedule, moment);
  return window === null ? [] : [window];
}
