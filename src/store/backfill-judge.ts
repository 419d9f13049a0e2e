import { type BackfillJudgement, judgeWindow, type WindowFound } from "../core/backfill.ts";
import { backfillRoom, type SkippedCounts } from "../core/backfill-state.ts";
import type { WindowState } from "../core/schedule-cursor.ts";
import type { BackfillRecord, BackfillStep, CandidateWindow } from "./backfills.ts";

/** What a step may do, from what was read under its locks. */
export interface StepGround {
  readonly record: BackfillRecord;
  readonly step: BackfillStep;
  /** Runs of the workflow's windows that count against its limit. */
  readonly active: number;
  /** By place of the window in the step. */
  readonly found: readonly WindowFound[];
}

/** A window as it is found, and its run, if that is still there. */
export interface FoundWindow extends WindowFound {
  readonly runId: string | null;
}

export interface FoundRow {
  readonly outcome: NonNullable<WindowFound["row"]>["lastOutcome"];
  readonly state: WindowState;
  readonly run: string | null;
}

/** `known`: its run was not pruned. */
export function toFound(row: FoundRow | null, known: boolean): FoundWindow {
  if (row === null) return { row: null, unfinished: false, runId: null };
  const { state, outcome: lastOutcome, run } = row;
  return {
    row: { state, lastOutcome },
    unfinished: state === "run" && known && lastOutcome === null,
    runId: state === "run" && known ? run : null,
  };
}

export interface StepVerdict {
  /** Of the first windows; where there is no room for the next one, it ends before that. */
  readonly judged: readonly BackfillJudgement[];
  readonly waits: "room" | null;
}

/** Windows of a workflow that depends on its past run one by one: whether the next may is known when this one has ended. */
export function judgeStep({ record, step, active, found }: StepGround): StepVerdict {
  const { limits, windows, now } = step;
  const room = backfillRoom(record.progress, record.maxActiveRuns, active, limits.maxActive);
  const most = limits.past.length > 0 ? Math.min(1, room) : room;
  const judged: BackfillJudgement[] = [];
  let runs = 0;
  for (const [place, { window }] of windows.entries()) {
    const judgement = judgeWindow(window, found[place]!, record.plan.reprocess, now);
    if (judgement.action === "run" && ++runs > most) return { judged, waits: "room" };
    judged.push(judgement);
  }
  return { judged, waits: null };
}

export interface ChosenWindow {
  readonly candidate: CandidateWindow;
  /** The ended run that it has; `null`: it gets a new one. */
  readonly reopens: string | null;
}

/** What the past does not allow is not reached, nor what stands behind it. */
export const beforeFirstRun = (judged: readonly BackfillJudgement[]): readonly BackfillJudgement[] =>
  judged.slice(
    0,
    judged.findIndex(({ action }) => action === "run"),
  );

/** The windows that are run, each with whether that opens the run that it has. */
export const chosen = (
  { windows }: BackfillStep,
  judged: readonly BackfillJudgement[],
  found: readonly FoundWindow[],
): readonly ChosenWindow[] =>
  judged.flatMap(({ action }, place) =>
    action === "skip" ? [] : [{ candidate: windows[place]!, reopens: found[place]!.runId }],
  );

export function addSkipped(before: SkippedCounts, judged: readonly BackfillJudgement[]): SkippedCounts {
  const skipped = { ...before };
  for (const { action, reason } of judged) if (action === "skip") skipped[reason] = (skipped[reason] ?? 0) + 1;
  return skipped;
}

/** How a backfill ends that has nothing left to do; `null`: it has not come to that. */
export function endOf(
  { state, progress: { running, failed, cancelled } }: Pick<BackfillRecord, "state" | "progress">,
  exhausted: boolean,
): "succeeded" | "failed" | "cancelled" | null {
  if (running > 0) return null;
  if (state === "cancelled") return "cancelled";
  if (state !== "running" || !exhausted) return null;
  return failed + cancelled > 0 ? "failed" : "succeeded";
}
