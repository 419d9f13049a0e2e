import type { BackfillReason } from "./backfill.ts";

/** What becomes of a backfill. `failed`: all windows were reached, and a run of it did not succeed. */
export const BACKFILL_STATES = ["running", "paused", "succeeded", "failed", "cancelled"] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

export const isEndedBackfill = (state: BackfillState): boolean => state !== "running" && state !== "paused";

/** What a user may do to one that has not ended. */
export const BACKFILL_ACTIONS = ["pause", "resume", "cancel"] as const;
export type BackfillAction = (typeof BACKFILL_ACTIONS)[number];

export const STATE_AFTER = {
  pause: "paused",
  resume: "running",
  cancel: "cancelled",
} as const satisfies Record<BackfillAction, BackfillState>;

/** Windows that it did not run, by reason. */
export type SkippedCounts = Readonly<Partial<Record<BackfillReason, number>>>;

/** Runs of its windows. */
export interface RunCounts {
  /** That have not ended, also those that are to be opened again. */
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** How far a backfill has come, by window. They add up to `total`. */
export interface BackfillProgress extends RunCounts {
  readonly total: number;
  readonly todo: number;
  /** Left alone because their run had not ended. */
  readonly in_flight: number;
  /** Left alone for any other reason. */
  readonly skipped: number;
}

export function progressOf(
  total: number,
  judged: number,
  { in_flight = 0, ...others }: SkippedCounts,
  counts: RunCounts,
): BackfillProgress {
  const skipped = Object.values(others).reduce((sum, count) => sum + count, 0);
  return { total, todo: total - judged, ...counts, in_flight, skipped };
}

/** How many more runs may begin. `active`: runs of windows of the workflow that count against its `maxActiveRuns`. */
export function backfillRoom({ running }: RunCounts, maxOwn: number, active: number, maxActive: number | null): number {
  return Math.max(0, Math.min(maxOwn - running, (maxActive ?? Infinity) - active));
}
