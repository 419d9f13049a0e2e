import { parseMoment } from "../core/local-date.ts";
import { type ScheduleManifest, timezoneOf } from "../core/schedule.ts";
import { jitterKey, jitterOf } from "../core/schedule-fire.ts";
import { type ComingWindow, comingRuns } from "../core/schedule-preview.ts";
import { TimeZone } from "../core/time-zone.ts";
import { readEdges } from "./edges.ts";
import { knownOptions, wholeNumber, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";
import { readSchedule, type Schedule } from "./schedule.ts";

/** A run that a schedule makes. */
export interface ScheduledRun {
  /** When it fires. */
  readonly fireAt: Date;
  /** The half-open interval that it covers. */
  readonly window: { readonly start: Date; readonly end: Date };
}

/** Which runs are looked at. */
export interface PreviewOptions {
  /** Runs that fire after this; local to the schedule's zone where it names no offset. Default: now. */
  readonly after?: string | Date;
  /** How many, at most 100,000. Default: 10. */
  readonly count?: number;
  /** As of a workflow: no window before this. Default: none. */
  readonly start?: string | Date;
  /** As of a workflow: no window after this. Default: none. */
  readonly end?: string | Date;
  /** Name of the workflow, on which the amount of `jitter` depends. Default: `""`. */
  readonly workflow?: string;
}

const MOST = 100_000;

/**
 * The runs that a schedule will make, in order: fewer than asked for where it ends. `@once` and `@continuous` start when they are
 * enabled, so of them there is one, at `after`.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_DATE`, `BAD_OPTION`, `UNKNOWN_OPTION`
 * @example previewSchedule(daily({ at: "06:00", timezone: "Europe/London" }), { after: "2025-08-12", count: 3 })[0]?.fireAt
 */
export function previewSchedule(schedule: Schedule, options: PreviewOptions = {}): ScheduledRun[] {
  const what = "previewSchedule(…)";
  const given = knownOptions(options, ["after", "count", "start", "end", "workflow"], what);
  const manifest = readSchedule(schedule, "schedule", what);
  const count = wholeNumber(given.count ?? 10, 1, what, "count");
  if (count > MOST) throw refusal("BAD_OPTION", `${what}: "count" is ${count}; it must be ${MOST} or less.`);
  const after = momentMs(given.after ?? new Date(), manifest, `${what}: option "after"`);
  const placed = {
    schedule: manifest,
    ...readEdges(given, [manifest], what),
    lateMs: jitterOf(manifest, jitterKey(given.workflow ?? "", manifest)),
  };
  return comingRuns(placed, after, count).map(scheduledRun);
}

export const scheduledRun = ({ span, fireMs }: ComingWindow): ScheduledRun => ({
  fireAt: new Date(fireMs),
  window: { start: new Date(span.start), end: new Date(span.end) },
});

/** Epoch milliseconds of a date that a user passes. @throws TuttiError `BAD_DATE` */
export function momentMs(given: string | Date, schedule: ScheduleManifest, what: string): number {
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.getTime();
  if (typeof given !== "string")
    throw refusal("BAD_DATE", `${what} must be a valid Date, or a text like "2025-08-12T06:00Z".`);
  return within(what, () => parseMoment(given, TimeZone.of(timezoneOf(schedule))));
}
