import { isTeardown } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import { hasFailed } from "./stop-early.ts";
import type { TaskInstance } from "./task-instance.ts";
import type { TransitionLog } from "./transition.ts";

/** A run has ended when all its task runs have, and no group will run again. How it ended is said by those that were its work. */
export function endRun(run: RunModel, log: TransitionLog): void {
  if (run.openTasks > 0 || run.groupsRetrying.size > 0 || run.header.state !== "running") return;
  const work = run.tasks.filter((task) => !isTeardown(task));
  const stopsItself = run.header.timedOut === true || (run.graph.manifest.failFast === true && hasFailed(run));
  if (
    run.header.cancelRequested &&
    !stopsItself &&
    work.some((task) => some(task, ({ state }) => state === "cancelled"))
  )
    run.header.state = "cancelled";
  else run.header.state = work.some(unforgiven) ? "failed" : "succeeded";
  // A task may have come to its end without the elements that it had in an earlier generation.
  for (const task of run.tasks) for (const instance of task.takeSurplus()) log.decided(instance, "removed", null);
}

type Tasks = RunModel["tasks"][number];

function some(task: Tasks, is: (instance: TaskInstance) => boolean): boolean {
  let found = false;
  task.each((instance) => (found ||= instance !== undefined && is(instance)));
  return found;
}

/** A failure fails the run wherever it is in the graph. An `upstream_failed` always has a failure behind it: where all of those are allowed, it is too. */
const unforgiven = (task: Tasks): boolean =>
  task.view(null).failed > 0 && !task.graph.manifest.allowFailure && !task.graph.dynamic;
