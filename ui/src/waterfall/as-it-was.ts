import type { Attempt, TaskRun } from "../api/runs.ts";
import type { State } from "../words/state.ts";

interface Rows {
  readonly taskRuns: readonly TaskRun[];
  readonly attempts: readonly Attempt[];
}

/** The task runs as they were at a moment, told by when each of their executions was queued, began and ended. */
export function asItWas({ taskRuns, attempts }: Rows, at: number): Rows {
  const byTaskRun = Map.groupBy(attempts, ({ taskRunId }) => taskRunId);
  const before = (moment: string | null): boolean => moment !== null && Date.parse(moment) <= at;
  return {
    attempts: attempts.filter(({ endedAt }) => before(endedAt)),
    taskRuns: taskRuns.flatMap((row): TaskRun[] => {
      if (before(row.endedAt)) return [row];
      const all = byTaskRun.get(row.id) ?? [];
      const ended = all.filter(({ endedAt }) => before(endedAt));
      const next = all.find(({ endedAt }) => !before(endedAt)) ?? row;
      const state = stateOf(next, ended.at(-1), before);
      if (state === "waiting" && !before(row.queuedAt) && all.length === 0) return [];
      const { attempt, claim, worker } = next;
      return [
        {
          ...row,
          state,
          attempt,
          claim,
          worker: before(next.claimedAt) ? worker : null,
          queuedAt: before(next.queuedAt) ? next.queuedAt : null,
          claimedAt: before(next.claimedAt) ? next.claimedAt : null,
          startedAt: before(next.startedAt) ? next.startedAt : null,
          endedAt: null,
          error: ended.at(-1)?.error ?? null,
          skipReason: null,
          cached: null,
          hasOutput: false,
        },
      ];
    }),
  };
}

function stateOf(
  next: Pick<TaskRun, "queuedAt" | "claimedAt" | "startedAt">,
  last: Attempt | undefined,
  before: (moment: string | null) => boolean,
): State & TaskRun["state"] {
  if (before(next.startedAt) || before(next.claimedAt)) return "running";
  if (before(next.queuedAt)) return "queued";
  if (last === undefined) return "waiting";
  return last.outcome === "deferred" ? "deferred" : "up_for_retry";
}
