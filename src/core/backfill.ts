import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import { formatDate } from "./local-date.ts";
import type { PartitionSelection } from "./partition-selection.ts";
import { type SelectedPartition, selectedPartitions } from "./selected-partitions.ts";
import type { ScheduleManifest } from "./schedule.ts";
import type { WindowRow } from "./schedule-cursor.ts";
import type { Span } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";
import { eachWindowBetween, eachWindowWithin, momentWindow, type RunWindow, type Window } from "./window.ts";

/** Which windows with a run that has ended are run again: none, those that did not succeed, or all. */
export const REPROCESS = ["none", "failed", "all"] as const;
export type Reprocess = (typeof REPROCESS)[number];

export const BACKFILL_ORDERS = ["oldest", "newest"] as const;
export type BackfillOrder = (typeof BACKFILL_ORDERS)[number];

/** More windows than anyone means to run again. */
export const MAX_BACKFILL = 100_000;

/** The code that runs windows which had a run before: that which their run has, or the latest. Others always get the latest. */
export const BACKFILL_VERSIONS = ["same", "latest"] as const;
export type BackfillVersion = (typeof BACKFILL_VERSIONS)[number];

/** Runs of a backfill that are at work at once, unless it is told otherwise. */
export const DEFAULT_MAX_ACTIVE_RUNS = 10;

export interface BackfillRange {
  readonly schedule: ScheduleManifest;
  /** Window dates, both included; of partitions, the first and the last as they were asked for. */
  readonly from: string;
  readonly to: string;
  readonly order: BackfillOrder;
  /** Only windows that lie wholly within one of these, in order; the dates are then only words. Default: all from date to date. */
  readonly within?: readonly Span[];
  /** No windows of a schedule, but these partitions of what the workflow makes; the dates are then only words. Default: windows. */
  readonly partitions?: PartitionSelection;
}

/** What one run of a backfill covers. */
export interface BackfillWindow extends Window {
  /** The partition that it stands for. Absent: it is a window of the schedule. */
  readonly partition?: SelectedPartition;
}

/** All that says what a backfill does. The rule is that of its beginning: an edit changes no window of it. */
export interface BackfillPlan extends BackfillRange {
  readonly reprocess: Reprocess;
  readonly version: BackfillVersion;
}

/** What is known of a window when the backfill reaches it. */
export interface WindowFound {
  /** `null`: it was never decided. */
  readonly row: Pick<WindowRow, "state" | "lastOutcome"> | null;
  /** Its run has not ended. */
  readonly unfinished: boolean;
}

/** Why a window is run: what it was before. Why it is skipped: its run goes on, it is done, or it has not ended itself. */
export type BackfillReason =
  | "missing"
  | "missed"
  | "passed_over"
  | "failed"
  | "cancelled"
  | "succeeded"
  | "in_flight"
  | "already_exists"
  | "not_ended";

export interface BackfillJudgement {
  readonly action: "run" | "skip";
  readonly reason: BackfillReason;
}

/** Made for each window when the backfill reaches it, under the window's lock. */
export function judgeWindow(window: Window, found: WindowFound, reprocess: Reprocess, now: Instant): BackfillJudgement {
  const { row, unfinished } = found;
  if (unfinished) return { action: "skip", reason: "in_flight" };
  if (window.end > now) return { action: "skip", reason: "not_ended" };
  if (row === null) return { action: "run", reason: "missing" };
  if (row.state !== "run") return { action: "run", reason: row.state };
  // Its run is gone, and nobody knows how it ended.
  if (row.lastOutcome === null) return { action: "run", reason: "missing" };
  const again = reprocess === "all" || (reprocess === "failed" && row.lastOutcome !== "succeeded");
  return again ? { action: "run", reason: row.lastOutcome } : { action: "skip", reason: "already_exists" };
}

/** How far a backfill has come: where the last window ends that it has reached, and how many there were. */
export interface Reached {
  readonly end: Instant;
  readonly count: number;
}

/** The windows of a backfill in its order, one by one. `after`: those that follow what it has reached. @throws TuttiError `BAD_DATE` */
export function backfillWindows(range: BackfillRange, after?: Reached): Generator<BackfillWindow> {
  const { schedule, from, to, order, within, partitions } = range;
  if (partitions !== undefined) return eachPartition(partitions, order, after?.count ?? 0);
  return within === undefined
    ? eachWindowBetween(schedule, from, to, order, after?.end)
    : eachWindowWithin(schedule, within, order, after?.end);
}

function* eachPartition(
  selection: PartitionSelection,
  order: BackfillOrder,
  reached: number,
): Generator<BackfillWindow> {
  let passed = 0;
  for (const partition of selectedPartitions(selection, order)) {
    if (passed++ < reached) continue;
    const { span, timezone } = partition;
    const [start, end] = span === null ? [0, 0] : [span.start, span.end];
    const date = formatDate(TimeZone.of(timezone).localOf(start));
    yield { start: start * 1000, end: end * 1000, date, timezone, partition };
  }
}

/** What its run covers. A partition that is no stretch of time covers nothing, at the moment when its run is made. */
export function coveredBy({ partition, ...window }: BackfillWindow, now: Instant): RunWindow {
  if (partition === undefined) return window;
  return { ...(partition.span === null ? momentWindow(now) : window), partition: partition.key };
}

/**
 * How many windows there are; what can't be done is refused before anything is.
 *
 * @throws TuttiError `BAD_DATE`, `BACKFILL_EMPTY`, `BACKFILL_NEWEST_FIRST`, `TOO_MANY_WINDOWS`
 */
export function checkBackfill(range: BackfillRange, dependsOnPast: boolean): number {
  if (dependsOnPast && range.order === "newest")
    throw new TuttiError(
      "BACKFILL_NEWEST_FIRST",
      `A task depends on its past, so each window needs the one before it. Backfill oldest first.`,
    );
  let count = 0;
  for (const _ of backfillWindows(range))
    if (++count > MAX_BACKFILL)
      throw new TuttiError(
        "TOO_MANY_WINDOWS",
        `There are more than ${MAX_BACKFILL} ${range.partitions === undefined ? "windows" : "partitions"} from ${range.from} to ${range.to}. Backfill fewer at once.`,
      );
  if (count > 0) return count;
  throw new TuttiError(
    "BACKFILL_EMPTY",
    `The schedule "${range.schedule.name}" has no window from ${range.from} to ${range.to}.`,
  );
}
