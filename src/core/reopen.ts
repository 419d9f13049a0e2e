import type { GroupInstance, GroupModel } from "./group-model.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { hasEnded, type TaskModel } from "./task-model.ts";
import type { TransitionLog } from "./transition.ts";

/** A group's retry: everything in it, of this element, starts anew in a new generation. `derive` must follow. */
export function reopenGroup(run: RunModel, group: GroupModel, around: GroupInstance, log: TransitionLog): void {
  around.retries++;
  around.dueAt = null;
  const inner = run.groups.filter((other) => other.graph.retryGroups.includes(group.graph.ordinal));
  for (const other of inner) {
    if (other.graph.each === null || group.graph.each === null) other.forget();
    else Object.assign(other.at(around.index), { retries: 0, dueAt: null });
  }
  for (const ordinal of group.graph.tasks) {
    const task = run.task(ordinal);
    task.each((instance, index) => {
      if (!hasEnded(instance) || (group.graph.each !== null && index !== around.index)) return;
      log.reopened(instance, run.groupRetries(task, index));
    });
  }
}

/** A user's retry: what failed, was cancelled or never ran because of that starts anew; what succeeded keeps its value. `derive` is done. */
export function reopenRun(run: RunModel, log: TransitionLog): void {
  run.header.generation++;
  run.header.state = "running";
  run.header.cancelRequested = false;
  for (const group of run.groups) group.forget();
  const touched = new Set<number>();
  for (const ordinal of run.graph.order) {
    const task = run.task(ordinal);
    const reached = readsAny(task, touched);
    task.each((instance, index) => {
      if (!instance || !startsAnew(instance, reached)) return;
      touched.add(ordinal);
      log.reopened(instance, run.groupRetries(task, index));
    });
  }
  run.derive();
}

const startsAnew = (instance: TaskInstance, reached: boolean): boolean =>
  instance.state === "failed" ||
  instance.state === "upstream_failed" ||
  instance.state === "cancelled" ||
  (reached && instance.state === "skipped" && instance.claimedAt === null);

function readsAny(task: TaskModel, touched: ReadonlySet<number>): boolean {
  const { upstream, soft, choices, branches, listEdges } = task.graph;
  const edges = [...upstream, ...soft, ...choices.flat(), ...branches.map((branch) => branch.edge), ...listEdges];
  return edges.some((edge) => touched.has(edge.from));
}
