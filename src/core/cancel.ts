import { isTeardown } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { isEndedTaskRun } from "./task-run-state.ts";
import type { TransitionLog } from "./transition.ts";
import type { Waker } from "./waker.ts";

/** What runs is told to stop; everything else is cancelled at once. What was set up is taken down all the same. */
export function cancel(run: RunModel, log: TransitionLog, waker: Waker): void {
  const stopping = run.tasks.filter((task) => !isTeardown(task));
  // Whoever runs something may not have heard of the first one.
  if (run.header.cancelRequested) return stopping.forEach((task) => task.each((known) => stop(known, log)));
  run.header.cancelRequested = true;
  for (const instance of run.retrying) if (!isTeardown(run.task(instance.task))) run.retrying.delete(instance);
  run.groupsRetrying.clear();
  for (const task of stopping) {
    run.settleFor(task);
    task.each((known, index) => {
      const instance = known ?? run.make(task, index);
      stop(instance, log);
      // Code that waits in a worker's memory is told too.
      if (instance.state === "deferred") log.abort.push(instance);
      if (instance.state !== "running" && !isEndedTaskRun(instance.state)) {
        log.decided(instance, "cancelled", null);
        waker.ended(instance, 0);
      }
    });
  }
  // A group that would have run again has ended, and nobody else says so.
  for (const task of run.tasks) if (isTeardown(task)) waker.look(task);
}

function stop(instance: TaskInstance | undefined, log: TransitionLog): void {
  if (instance?.state === "running") log.abort.push(instance);
}
