import { discardWithBody, wakeBody } from "./flow-tasks.ts";
import { isTeardown, isUp, renewResources } from "./resource.ts";
import { isEndedRun } from "./run-state.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { hasEnded, type TaskModel } from "./task-model.ts";
import { isEndedTaskRun } from "./task-run-state.ts";
import type { TransitionLog } from "./transition.ts";
import type { Waker } from "./waker.ts";

/** A task of a run, or one element of it. */
export interface TaskChoice {
  /** Its place in the manifest. */
  readonly task: number;
  /** `null`: all that there is of it. */
  readonly index: number | null;
}

export const MARKS = ["succeeded", "failed", "skipped"] as const;
export type Mark = (typeof MARKS)[number];

/** What a user does to single tasks of a run. */
export type Control =
  /** Unfinished ones end: what runs is told to stop. */
  | { readonly kind: "cancel_task"; readonly of: TaskChoice }
  /** It counts as ended so, whatever has become of it; what never ran because of its end starts. Nothing of it may be running. */
  | { readonly kind: "mark_task"; readonly of: TaskChoice; readonly as: Mark; readonly reason: string }
  /** Of an ended run: these start anew, and where `downstream` is given everything that comes after them. */
  | { readonly kind: "clear_tasks"; readonly of: readonly TaskChoice[]; readonly downstream: boolean };

export function control(run: RunModel, event: Control, log: TransitionLog, waker: Waker): void {
  switch (event.kind) {
    case "cancel_task":
      return each(run, event.of, (instance) => cancelOne(run, instance, log, waker));
    case "mark_task":
      return mark(run, event, log, waker);
    case "clear_tasks":
      return clear(run, event, log, waker);
  }
}

/** What an element, or all of a task, is now; those that only wait too. */
export function chosen(run: RunModel, { task, index }: TaskChoice): readonly TaskInstance[] {
  const found: TaskInstance[] = [];
  const model = run.task(task);
  model.each((known, at) => {
    if (index === null || at === index) found.push(known ?? run.make(model, at));
  });
  return found;
}

function each(run: RunModel, choice: TaskChoice, visit: (instance: TaskInstance) => void): void {
  for (const instance of chosen(run, choice)) visit(instance);
}

function cancelOne(run: RunModel, instance: TaskInstance, log: TransitionLog, waker: Waker): void {
  if (isEndedRun(run.header.state) || isEndedTaskRun(instance.state)) return;
  // Code that waits in a worker's memory is told too.
  if (instance.state === "running" || instance.state === "deferred") log.abort.push(instance);
  if (instance.state === "running") {
    // However this execution ends: whoever decides then may know of it from the store alone.
    instance.stopClaim = instance.claim;
    return;
  }
  run.retrying.delete(instance);
  log.decided(instance, "cancelled", null);
  waker.ended(instance, 0);
}

/** It is what was said; what never ran because of its end before is looked at again. */
function mark(
  run: RunModel,
  { of, as, reason }: Control & { kind: "mark_task" },
  log: TransitionLog,
  waker: Waker,
): void {
  if (run.header.cancelRequested && !isEndedRun(run.header.state)) return;
  const all = chosen(run, of);
  if (all.some(({ state }) => state === "running") || isUp(run, of.task)) return;
  const wasEnded = isEndedRun(run.header.state);
  openAgain(run);
  discardWithBody(run, of.task, log);
  for (const instance of all) {
    if (!isEndedTaskRun(instance.state) && instance.state !== "waiting") {
      run.retrying.delete(instance);
      log.decided(instance, "cancelled", null);
    }
    if (isEndedTaskRun(instance.state)) log.reopened(instance, run.groupRetries(run.task(of.task), instance.index));
    const error = { name: "Marked", code: "MARKED", message: reason };
    log.decided(instance, as, as === "failed" ? error : null, as === "skipped" ? reason : null);
    instance.failure = as === "failed" ? { name: error.name, code: error.code } : null;
  }
  reopenAfter(run, new Set([of.task]), log, neverRan);
  renewResources(run, log, wasEnded);
  run.derive();
  waker.lookAtAll();
  if (run.task(of.task).graph.dynamic) wakeBody(run, log);
}

function clear(run: RunModel, event: Control & { kind: "clear_tasks" }, log: TransitionLog, waker: Waker): void {
  if (!isEndedRun(run.header.state)) return;
  openAgain(run);
  for (const choice of event.of) {
    discardWithBody(run, choice.task, log);
    const { graph } = run.task(choice.task);
    each(run, choice, (instance) => {
      if (!isEndedTaskRun(instance.state)) return;
      log.reopened(instance, run.groupRetries(run.task(choice.task), instance.index));
      // Its flow has asked for it: it waits for nothing.
      if (graph.dynamic) log.queue(instance, null);
    });
  }
  reopenAfter(run, new Set(event.of.map(({ task }) => task)), log, event.downstream ? hasEnded : neverRan);
  renewResources(run, log, true);
  run.derive();
  waker.lookAtAll();
}

function openAgain(run: RunModel): void {
  if (!isEndedRun(run.header.state)) return;
  run.header.generation++;
  run.header.state = "running";
  run.header.cancelRequested = false;
  run.header.timedOut = false;
  // Somebody is at it: it is not hurried.
  run.header.timeoutAt = null;
  for (const group of run.groups) group.forget();
}

/** Decided by the end of another: it was never executed. */
const neverRan = (instance: TaskInstance | undefined): boolean =>
  instance !== undefined &&
  (instance.state === "upstream_failed" ||
    instance.state === "cancelled" ||
    (instance.state === "skipped" && instance.claimedAt === null));

function reopenAfter(
  run: RunModel,
  touched: Set<number>,
  log: TransitionLog,
  reopens: (instance: TaskInstance | undefined) => boolean,
): void {
  for (const ordinal of run.graph.order) {
    const task = run.task(ordinal);
    // What is taken down again follows from what is set up again.
    if (isTeardown(task) || !readsAny(task, touched)) continue;
    let some = false;
    task.each((instance, index) => {
      if (!instance || !isEndedTaskRun(instance.state) || !reopens(instance)) return;
      some = true;
      log.reopened(instance, run.groupRetries(task, index));
    });
    if (some) touched.add(ordinal);
  }
}

/** Whether it looks at one of these tasks. */
export function readsAny(task: TaskModel, touched: ReadonlySet<number>): boolean {
  const { upstream, soft, choices, branches, listEdges } = task.graph;
  const edges = [...upstream, ...soft, ...choices.flat(), ...branches.map((branch) => branch.edge), ...listEdges];
  return edges.some((edge) => touched.has(edge.from));
}
