import { cancel } from "./cancel.ts";
import type { Instant } from "./clock.ts";
import { isTeardown } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import { failedWith, type TaskInstance } from "./task-instance.ts";
import { isEndedTaskRun } from "./task-run-state.ts";
import type { TransitionLog } from "./transition.ts";
import type { Waker } from "./waker.ts";

/** One failure is enough, where the workflow says so: what runs is told to stop, everything else is cancelled. */
export function failFast(run: RunModel, log: TransitionLog, waker: Waker): void {
  if (run.graph.manifest.failFast !== true || run.header.cancelRequested) return;
  if (hasFailed(run)) cancel(run, log, waker);
}

/** A task has failed for good that is not allowed to: not one whose group may still run again. */
export function hasFailed(run: RunModel): boolean {
  return run.tasks.some((task) => {
    // What the body of a flow does about a failure is the body's.
    if (task.graph.manifest.allowFailure || task.graph.dynamic || task.view(null).failed === 0) return false;
    if (isTeardown(task)) return false;
    let found = false;
    task.each((instance, index) => {
      if (found || instance?.state !== "failed") return;
      found = [...run.groupsOf(task.graph, index)].every(({ instance: around }) => around.final);
    });
    return found;
  });
}

/** Its time is over, and nothing has stopped it yet. */
export const isOverdue = ({ header: { timeoutAt = null, cancelRequested } }: RunModel, now: Instant): boolean =>
  timeoutAt !== null && timeoutAt <= now && !cancelRequested;

/** Its time is over: what has not ended fails, and what runs is told to stop, to fail when it has. */
export function timeOut(run: RunModel, log: TransitionLog, waker: Waker): void {
  const work = run.tasks.filter((task) => !isTeardown(task));
  if (run.groupsRetrying.size === 0 && work.every((task) => task.settled(null))) {
    // Its work was done in time, and what takes things down is not hurried.
    run.header.timeoutAt = null;
    return;
  }
  run.header.timedOut = true;
  const error = runTimedOut(run);
  for (const task of work)
    task.each((known, index) => {
      const instance = known ?? run.make(task, index);
      if (isEndedTaskRun(instance.state) || instance.state === "running" || instance.state === "up_for_retry") return;
      if (instance.state === "deferred") log.abort.push(instance);
      failNow(instance, log, waker, error);
    });
  cancel(run, log, waker);
}

function failNow(
  instance: TaskInstance,
  log: TransitionLog,
  waker: Waker,
  error: ReturnType<typeof runTimedOut>,
): void {
  instance.failure = failedWith(error);
  log.decided(instance, "failed", error);
  waker.ended(instance, 0);
}

export const runTimedOut = ({ graph, header }: RunModel) => ({
  name: "RunTimedOut",
  code: "RUN_TIMED_OUT",
  message: `run "${header.id}" did not end within the ${(graph.manifest.timeoutMs ?? 0) / 1000} s of its workflow`,
});
