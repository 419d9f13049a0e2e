import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { dayWindow, lastClosedWindow, momentWindow, type Window, windowOfDate } from "./window.ts";

/**
 * The window that a run by hand covers: that of the workflow's first schedule which contains the date; without a date, the last
 * closed one. Without a schedule, the whole day, or nothing at this moment.
 *
 * @throws TuttiError `BAD_DATE`
 */
export function askedWindow(
  { name, schedules: [schedule] }: Pick<WorkflowManifest, "name" | "schedules">,
  date: string | undefined,
  now: Instant,
): Window {
  if (date === undefined) return (schedule && lastClosedWindow(schedule, now)) ?? momentWindow(now);
  const window = schedule === undefined ? dayWindow(date) : windowOfDate(schedule, date);
  if (window === null)
    throw new TuttiError("BAD_DATE", `The schedule of workflow "${name}" has no window for "${date}".`);
  return window;
}
