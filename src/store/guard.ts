import { canTransition, isEndedTaskRun, TASK_RUN_REOPENINGS, type TaskRunState } from "../core/task-run-state.ts";
import { isEndedRun, RUN_TRANSITIONS, type RunState } from "../core/run-state.ts";
import type { TaskRunChange } from "./store.ts";

/** The state a change starts from, which every store puts in its `where`, and the one it leads to. */
export interface Guard {
  readonly from: TaskRunState;
  readonly to: TaskRunState;
}

/** @throws Error when the state table knows no such step: a bug of ours, never a race. */
export function guardOf(change: TaskRunChange): Guard {
  const guard = stepOf(change);
  if (!isAllowed(change, guard))
    throw new Error(`Task run ${change.id} cannot go from "${guard.from}" to "${guard.to}" by "${change.kind}".`);
  return guard;
}

function stepOf(change: TaskRunChange): Guard {
  switch (change.kind) {
    case "claim":
      return { from: "queued", to: "running" };
    case "finish":
      return { from: "running", to: change.state };
    case "defer":
      return { from: "running", to: "deferred" };
    case "retry":
      return { from: "running", to: "up_for_retry" };
    case "requeue":
      return { from: change.from, to: "queued" };
    case "decide":
      return { from: change.from, to: change.to };
    case "reopen":
      return { from: change.from, to: "waiting" };
  }
}

const isAllowed = (change: TaskRunChange, { from, to }: Guard): boolean =>
  change.kind === "reopen"
    ? isEndedTaskRun(from) && (TASK_RUN_REOPENINGS as readonly TaskRunState[]).includes(to)
    : canTransition(from, to);

/**
 * @throws Error when the run cannot take that step. A run may pass `running` within a commit: where nothing is to be executed it
 * starts and ends at once. An ended run goes on only in a new generation, which may end as quickly.
 */
export function checkRunStep(runId: string, from: RunState, to: RunState, newGeneration: boolean): void {
  if (from === to || canStep(from, to) || (canStep(from, "running") && canStep("running", to))) return;
  if (isEndedRun(from) && newGeneration) return;
  throw new Error(`Run "${runId}" cannot go from "${from}" to "${to}".`);
}

const canStep = (from: RunState, to: RunState): boolean => (RUN_TRANSITIONS[from] as readonly RunState[]).includes(to);
