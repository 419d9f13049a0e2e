import { askedPartition } from "../core/asked-partition.ts";
import { askedWindow } from "../core/asked-window.ts";
import { systemClock } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import { dayWindow, type RunWindow, type Window, windowsBetween } from "../core/window.ts";
import { UsageError } from "./usage-error.ts";

export interface AskedDates {
  readonly date?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Instead of dates: the key of a partition. */
  readonly partition?: string | undefined;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 100_000;

/**
 * The windows that a run by hand covers: those of the workflow's first schedule; without one, whole days, or nothing at this
 * moment. Without a date: the last closed window.
 *
 * @throws TuttiError `BAD_DATE`, `TOO_MANY_WINDOWS`, as `askedPartition`; UsageError
 */
export function windowsFor(
  manifest: WorkflowManifest,
  { date, from, to, partition }: AskedDates,
): readonly RunWindow[] {
  if (partition !== undefined && (date !== undefined || from !== undefined || to !== undefined))
    throw new UsageError(`Give either dates, or --partition.`);
  if (partition !== undefined) return [askedPartition(manifest, partition, systemClock.now())];
  if (date !== undefined && (from !== undefined || to !== undefined))
    throw new UsageError(`Give either --date, or --from and --to.`);
  if ((from === undefined) !== (to === undefined))
    throw new UsageError(`--from and --to go together: --from 2025-08-01 --to 2025-08-12.`);
  if (from !== undefined && to !== undefined) {
    const {
      name,
      schedules: [schedule],
    } = manifest;
    const windows = schedule === undefined ? daysBetween(from, to) : windowsBetween(schedule, from, to);
    if (windows.length === 0)
      throw new TuttiError("BAD_DATE", `The schedule of workflow "${name}" has no window from "${from}" to "${to}".`);
    return windows;
  }
  return [askedWindow(manifest, date, systemClock.now())];
}

function daysBetween(from: string, to: string): Window[] {
  const [first, last] = [dayWindow(from), dayWindow(to)];
  if (first === null || last === null || first.start > last.start)
    throw new TuttiError("BAD_DATE", `"${from}" is after "${to}". The first date comes first.`);
  const days = Math.round((last.start - first.start) / 1000 / DAY_MS) + 1;
  if (days > MAX_DAYS)
    throw new TuttiError(
      "TOO_MANY_WINDOWS",
      `There are more than ${MAX_DAYS} days from ${from} to ${to}. Ask for fewer at once.`,
    );
  return Array.from({ length: days }, (_, day) =>
    dayWindow(new Date(first.start / 1000 + day * DAY_MS).toISOString().slice(0, 10)),
  ).filter((window) => window !== null);
}
