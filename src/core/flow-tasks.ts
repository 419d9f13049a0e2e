import type { RunModel } from "./run-model.ts";
import { newInstance, type TaskInstance } from "./task-instance.ts";
import { hasEnded, type TaskModel } from "./task-model.ts";
import type { TransitionLog } from "./transition.ts";
import type { Deferral, ElementRange, TaskRequest } from "./wait.ts";

/** The place of a flow's body in its manifest. */
export const BODY = 0;

/** A body waits: what it asks for begins, and where something has ended while it was at something else it comes back at once. */
export function goOn(
  run: RunModel,
  body: TaskInstance,
  { until, requests = [] }: Pick<Deferral, "until" | "requests">,
  log: TransitionLog,
): void {
  begin(run, body, requests, log);
  if (someHaveEnded(run, until.tasks)) log.requeued(body);
}

/** Task runs that a body has asked for begin. One that ended without a value begins anew; any other goes on as it is. */
export function begin(run: RunModel, body: TaskInstance, requests: readonly TaskRequest[], log: TransitionLog): void {
  for (const { task: place, index } of requests) {
    const task = run.tasks[place];
    if (!task?.graph.dynamic) continue;
    const known = task.at(index);
    if (known && (!hasEnded(known) || known.state === "succeeded")) continue;
    log.queue(known ? again(run, task, known, log) : fresh(run, task, index, log), body.task);
  }
}

/** A row of what had ceased to exist is used again. */
function fresh(run: RunModel, task: TaskModel, index: number, log: TransitionLog): TaskInstance {
  const removed = task.takeRemoved(index);
  if (removed) log.reopened(removed, []);
  const instance = removed ?? newInstance(task.graph.ordinal, index, []);
  run.grow(task, instance);
  return instance;
}

function again(run: RunModel, task: TaskModel, instance: TaskInstance, log: TransitionLog): TaskInstance {
  if (task.settled(null)) run.openTasks++;
  task.hide(instance);
  log.reopened(instance, []);
  return instance;
}

/** Whether one of these task runs has ended. */
const someHaveEnded = (run: RunModel, ranges: readonly ElementRange[] = []): boolean =>
  ranges.some(({ task: place, from, to }) => {
    const task = run.tasks[place];
    if (!task || task.view(null).ended === 0) return false;
    for (let index = from; index <= to; index++) if (hasEnded(task.at(index))) return true;
    return false;
  });

/** A task run that a body has asked for has ended: it looks which, if it waits for any. */
export function wakeBody(run: RunModel, log: TransitionLog): void {
  const body = run.tasks[BODY]?.single;
  if (body?.state === "deferred" && body.wait?.tasks) log.requeued(body);
}

/** The end of a body is thrown away: where it was a success, what it has recorded goes, and with it all that it has asked for. */
export function discardWithBody(run: RunModel, task: number, log: TransitionLog): void {
  if (task === BODY && run.graph.manifest.kind === "flow" && run.tasks[BODY]?.single?.state === "succeeded")
    discardAll(run, log);
}

/** The body of a flow starts from nothing: what it has asked for is there no more, and its rows wait to be asked for again. */
export function discardAll(run: RunModel, log: TransitionLog): void {
  for (const task of run.tasks) {
    if (!task.graph.dynamic) continue;
    for (const instance of task.elements?.slice() ?? []) {
      if (!instance) continue;
      if (!hasEnded(instance)) continue;
      log.reopened(instance, [], true);
      log.decided(instance, "removed", null);
      task.shrink(instance);
    }
  }
}
