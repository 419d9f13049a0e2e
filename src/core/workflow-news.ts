import type { Instant } from "./clock.ts";
import { isEndedRun, type RunState } from "./run-state.ts";
import { usualLimitMs } from "./usual-duration.ts";

/** Why somebody should look at a workflow: the first two need him, the others are to be known. */
export const WORKFLOW_NEWS = ["failing", "slow", "slower", "recovered"] as const;
export type WorkflowNewsKind = (typeof WORKFLOW_NEWS)[number];

/** What of a run it is told by. */
export interface NewsRun {
  readonly id: string;
  readonly state: RunState;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export interface WorkflowNews {
  readonly kind: WorkflowNewsKind;
  /** The run that tells it. */
  readonly run: NewsRun;
  readonly since: Instant;
  /** How long a run may take and be as usual; `null`: it is not about that. */
  readonly usualMs: number | null;
}

/** What has recovered, or was slower, is news for so long. */
const NEWS_US = 86_400_000_000;

/**
 * What a workflow's last runs tell, the newest first; `null`: nothing. `failing`: the last one that ended has failed, since the first of those
 * that failed in a row. `slow`: one is at work longer than they usually take. `slower`: the last one took longer. `recovered`: the last one
 * succeeded after one that failed.
 */
export function workflowNews(runs: readonly NewsRun[], now: Instant): WorkflowNews | null {
  const ended = runs.filter(({ state }) => isEndedRun(state) && state !== "cancelled");
  const [last, ...before] = ended;
  if (last?.state === "failed") {
    const row = ended.slice(0, firstOther(ended, "failed"));
    return { kind: "failing", run: last, since: endOf(row.at(-1)!), usualMs: null };
  }
  const slow = slowNow(runs, ended, now);
  if (slow !== null) return slow;
  if (last === undefined || endOf(last) < now - NEWS_US) return null;
  if (before[0]?.state === "failed") return { kind: "recovered", run: last, since: endOf(last), usualMs: null };
  const usualMs = usualLimitMs(tookMs(before));
  const [took] = tookMs([last]);
  if (usualMs === null || took === undefined || took <= usualMs) return null;
  return { kind: "slower", run: last, since: endOf(last), usualMs: Math.round(usualMs) };
}

function slowNow(runs: readonly NewsRun[], ended: readonly NewsRun[], now: Instant): WorkflowNews | null {
  const usualMs = usualLimitMs(tookMs(ended));
  if (usualMs === null) return null;
  const limitUs = usualMs * 1000;
  // The oldest has been at it the longest.
  const run = runs.findLast(
    ({ state, startedAt }) => state === "running" && startedAt !== null && now - startedAt > limitUs,
  );
  return run === undefined
    ? null
    : { kind: "slow", run, since: Math.round(run.startedAt! + limitUs), usualMs: Math.round(usualMs) };
}

const tookMs = (runs: readonly NewsRun[]): number[] =>
  runs.flatMap(({ state, startedAt, endedAt }) =>
    state === "succeeded" && startedAt !== null && endedAt !== null ? [(endedAt - startedAt) / 1000] : [],
  );

const endOf = ({ endedAt, createdAt }: NewsRun): Instant => endedAt ?? createdAt;

function firstOther(runs: readonly NewsRun[], state: RunState): number {
  const place = runs.findIndex((run) => run.state !== state);
  return place === -1 ? runs.length : place;
}
