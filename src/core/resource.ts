import type { WorkflowManifest } from "./manifest.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { hasEnded, type TaskModel } from "./task-model.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { TransitionLog } from "./transition.ts";
import type { RuleVerdict } from "./trigger-rule.ts";

/** It takes down what another task has set up: it runs whatever becomes of the run, and how it ends says nothing about the run. */
export const isTeardown = ({ graph }: TaskModel): boolean => graph.manifest.kind === "teardown";

/** Whether a task run that runs is to come to its end: it was told so, or its run is to. Not so what takes down what the run has set up. */
export const isStopping = (run: RunModel, { task, claim, stopClaim }: TaskInstance): boolean =>
  stopClaim === claim || (run.header.cancelRequested && !isTeardown(run.task(task)));

/** Of a setup: it was begun since it last started anew. Whatever has come of that, there may be something to take down. */
export const wasBegun = ({ claim, groupRetries: [, before = 0] }: TaskInstance): boolean => claim > before;

/** It waits for the end of everything that uses what was set up, however that ends, and only says whether there is anything to take down. */
export function teardownVerdict(run: RunModel, task: TaskModel): RuleVerdict {
  const { upstream, soft } = task.graph;
  // No group of a run that comes to its end runs again: nothing is held back.
  const isOpen = [...upstream, ...soft].some(
    ({ from, hold }) => !run.task(from).settled(run.header.cancelRequested ? null : hold),
  );
  if (isOpen) return "wait";
  const { single } = setupOf(run, task);
  return single && wasBegun(single) ? "run" : "skipped";
}

/** Whether what a task has set up is there, or may be, and has not been taken down. */
export function isUp(run: RunModel, setup: number): boolean {
  const down = run.tasks.find((task) => isTeardown(task) && setupOf(run, task).graph.ordinal === setup);
  const { single } = run.task(setup);
  return down !== undefined && !hasEnded(down.single) && single !== undefined && wasBegun(single);
}

/** Whether something should have been taken down, and was not. */
export function isLeftUp(
  { tasks }: Pick<WorkflowManifest, "tasks">,
  taskRuns: readonly { readonly task: string; readonly state: TaskRunState }[],
): boolean {
  const teardowns = new Set(tasks.flatMap(({ kind, name }) => (kind === "teardown" ? [name] : [])));
  return taskRuns.some(({ task, state }) => teardowns.has(task) && (state === "failed" || state === "cancelled"));
}

/**
 * Task runs have started anew: what they use is set up anew, where it has been taken down, and is taken down again. `wasEnded`: the run
 * had ended, so nothing of it is up any more, whatever its rows say. `derive` must follow.
 */
export function renewResources(run: RunModel, log: TransitionLog, wasEnded: boolean): void {
  // In the order of the graph: what was set up with the help of something else is looked at before that.
  for (const ordinal of run.graph.order) {
    const task = run.task(ordinal);
    if (!isTeardown(task)) continue;
    const setup = setupOf(run, task);
    if (!wasEnded && !isDown(setup, task)) continue;
    if (![setup, ...usersOf(run, task)].some(startsAgain)) continue;
    // One that somebody marked, or that never began, is what it was said to be, or what its own upstream makes of it.
    if (hasEnded(setup.single) && wasBegun(setup.single)) log.reopened(setup.single, run.groupRetries(setup, null));
    if (hasEnded(task.single)) log.reopened(task.single, run.groupRetries(task, null));
  }
}

/** The task that sets up what it takes down: the one whose value it gets, where there is one. */
const setupOf = (run: RunModel, { graph }: TaskModel): TaskModel => run.task(graph.soft[0]?.from ?? -1);

/** With all that stands in one group with them: that may yet run again as one. Another teardown uses what is there, and needs nothing new. */
const usersOf = (run: RunModel, { graph }: TaskModel): readonly TaskModel[] =>
  graph.upstream
    .flatMap(({ from, hold }) => (hold === null ? [from] : run.group(hold).graph.tasks))
    .map((place) => run.task(place))
    .filter((user) => !isTeardown(user));

/** Not where somebody has marked the teardown, to keep what is there. */
const isDown = ({ single: setup }: TaskModel, { single: teardown }: TaskModel): boolean =>
  hasEnded(teardown) && (teardown.claimedAt !== null || setup === undefined || !wasBegun(setup));

function startsAgain(task: TaskModel): boolean {
  let found = false;
  task.each((instance) => (found ||= !hasEnded(instance)));
  return found;
}
