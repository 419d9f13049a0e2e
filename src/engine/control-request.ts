import type { Control, Mark } from "../core/control.ts";
import { TuttiError } from "../core/errors.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import { isEndedRun, type RunState } from "../core/run-state.ts";
import { outputs } from "../core/source.ts";
import { isEndedTaskRun, type TaskRunState } from "../core/task-run-state.ts";

/** What somebody does to single tasks of a run, by their names. */
export type ControlRequest = ControlAsked & {
  /** The generation that whoever asks has seen: a run that has gone on since is left alone. Default: the one it has. */
  readonly generation?: number;
};

type ControlAsked =
  | { readonly kind: "cancel_task"; readonly task: string; readonly index?: number }
  | {
      readonly kind: "mark_task";
      readonly task: string;
      readonly index?: number;
      readonly as: Mark;
      /** Why, as everybody reads it. */
      readonly reason: string;
    }
  /** These start anew, and everything that comes after them with `downstream`. */
  | {
      readonly kind: "clear_tasks";
      readonly tasks: readonly string[];
      readonly index?: number;
      readonly downstream: boolean;
    };

/** A task run, as far as a refusal needs it. */
export interface ControlledTask {
  readonly task: string;
  readonly mapIndex: number | null;
  readonly state: TaskRunState;
}

/** How a run and those task runs were before. */
export interface ControlBefore {
  readonly run: RunState;
  /** At most a hundred. */
  readonly tasks: readonly ControlledTask[];
}

const TOLD = 100;

export const controlBefore = (
  request: ControlRequest,
  run: RunState,
  taskRuns: readonly ControlledTask[],
): ControlBefore => ({
  run,
  tasks: taskRuns
    .filter(
      ({ task, mapIndex }) =>
        (request.kind === "clear_tasks" ? request.tasks.includes(task) : request.task === task) &&
        (request.index === undefined || request.index === mapIndex),
    )
    .slice(0, TOLD)
    .map(({ task, mapIndex, state }) => ({ task, mapIndex, state })),
});

/** @throws TuttiError `TASK_NOT_FOUND` */
export function controlOf(request: ControlRequest, runId: string, { tasks }: WorkflowManifest): Control {
  const place = (name: string): number => {
    const found = tasks.findIndex((task) => task.name === name);
    if (found >= 0) return found;
    throw new TuttiError(
      "TASK_NOT_FOUND",
      `Run "${runId}" has no task "${name}". There are: ${tasks.map((task) => `"${task.name}"`).join(", ")}.`,
    );
  };
  const index = request.index ?? null;
  if (request.kind === "clear_tasks")
    return {
      kind: "clear_tasks",
      of: request.tasks.map((task) => ({ task: place(task), index })),
      downstream: request.downstream,
    };
  const of = { task: place(request.task), index };
  return request.kind === "cancel_task"
    ? { kind: "cancel_task", of }
    : { kind: "mark_task", of, as: request.as, reason: request.reason };
}

/**
 * Refuses what can't be done to a run as it is. `taskRuns`: those that have rows; the others wait.
 *
 * @throws TuttiError `RUN_ENDED`, `RUN_NOT_ENDED`, `RUN_CANCELLED`, `TASK_RUN_ENDED`, `TASK_RUN_RUNNING`, `TASK_RUN_NOT_FOUND`, `RESOURCE_IN_USE`
 */
export function refuseControl(
  request: ControlRequest,
  run: { readonly id: string; readonly state: RunState; readonly cancelRequested: boolean },
  taskRuns: readonly ControlledTask[],
  manifest: WorkflowManifest,
): void {
  const { id, state } = run;
  const ended = isEndedRun(state);
  if (request.kind === "clear_tasks") {
    if (ended) return;
    throw new TuttiError(
      "RUN_NOT_ENDED",
      `Run "${id}" is ${state}; only tasks of an ended run start anew. Cancel it first: tutti cancel ${id}`,
    );
  }
  // What takes something down goes on in a cancelled run, and may have to be stopped by itself.
  const kind = manifest.tasks.find(({ name }) => name === request.task)?.kind;
  if (!ended && run.cancelRequested && !(request.kind === "cancel_task" && kind === "teardown"))
    throw new TuttiError("RUN_CANCELLED", `Run "${id}" is being cancelled, and all its tasks with it.`);
  const its = taskRuns.filter(
    ({ task, mapIndex }) => task === request.task && (request.index === undefined || mapIndex === request.index),
  );
  const name = `Task "${request.task}"${request.index === undefined ? "" : ` [${request.index}]`} of run "${id}"`;
  const hasElements = taskRuns.some(({ task, mapIndex }) => task === request.task && mapIndex !== null);
  if (request.index !== undefined && its.length === 0 && (ended || hasElements))
    throw new TuttiError("TASK_RUN_NOT_FOUND", `${name} does not exist: it has no such element.`);
  if (request.kind === "mark_task") {
    if (!its.some((taskRun) => taskRun.state === "running")) return refuseInUse(request.task, name, taskRuns, manifest);
    throw new TuttiError("TASK_RUN_RUNNING", `${name} is running. Cancel it first: tutti cancel ${id} ${request.task}`);
  }
  if (ended)
    throw new TuttiError("RUN_ENDED", `Run "${id}" has already ended: ${state}. Nothing of it can be cancelled.`);
  if (its.length > 0 && its.every((taskRun) => isEndedTaskRun(taskRun.state)))
    throw new TuttiError("TASK_RUN_ENDED", `${name} has already ended: ${its[0]!.state}.`);
}

/** What it has set up would be forgotten, and never be taken down. */
function refuseInUse(
  setup: string,
  name: string,
  taskRuns: readonly ControlledTask[],
  { tasks }: WorkflowManifest,
): void {
  const place = tasks.findIndex((task) => task.kind === "setup" && task.name === setup);
  const teardown = tasks.find(({ kind, input }) => kind === "teardown" && input && outputs(input).includes(place));
  const has = (task: string, is: (state: TaskRunState) => boolean): boolean =>
    taskRuns.some((taskRun) => taskRun.task === task && is(taskRun.state));
  if (!teardown || !has(setup, (state) => state !== "waiting") || has(teardown.name, isEndedTaskRun)) return;
  throw new TuttiError(
    "RESOURCE_IN_USE",
    `${name} has set up what has not been taken down yet. Mark the tasks that use it, or wait for "${teardown.name}".`,
  );
}
