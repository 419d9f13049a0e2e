import { readsAny } from "./control.ts";
import { discardAll } from "./flow-tasks.ts";
import type { GroupInstance, GroupModel } from "./group-model.ts";
import { renewResources } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { hasEnded } from "./task-model.ts";
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

/** What starts anew besides what failed and what never ran because of that. */
export interface Reopening {
  /** Everything. Default: false. */
  readonly fresh?: boolean;
}

/** A user's retry: what failed, was cancelled or never ran because of that starts anew; what succeeded keeps its value. `derive` is done. */
export function reopenRun(run: RunModel, log: TransitionLog, { fresh = false }: Reopening = {}): void {
  run.header.generation++;
  run.header.cancelRequested = false;
  for (const group of run.groups) group.forget();
  const touched = new Set<number>();
  if (fresh) discardAll(run, log);
  for (const ordinal of run.graph.order) {
    const task = run.task(ordinal);
    // What a flow has asked for begins anew when its body asks for it again.
    if (task.graph.dynamic) continue;
    const reached = readsAny(task, touched);
    task.each((instance, index) => {
      if (!hasEnded(instance) || !(fresh || startsAnew(instance, reached))) return;
      touched.add(ordinal);
      // All that a flow's body has done goes with what it asked for.
      const discards = fresh && run.graph.manifest.kind === "flow" ? true : undefined;
      log.reopened(instance, run.groupRetries(task, index), discards);
    });
  }
  renewResources(run, log, true);
  run.derive();
}

const startsAnew = (instance: TaskInstance, reached: boolean): boolean =>
  instance.state === "failed" ||
  instance.state === "upstream_failed" ||
  instance.state === "cancelled" ||
  (reached && instance.state === "skipped" && instance.claimedAt === null);
