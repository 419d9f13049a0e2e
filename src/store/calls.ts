import type { Cause } from "../core/event.ts";
import type { WindowOfRun } from "../core/run-call.ts";
import type { RunState } from "../core/run-state.ts";
import type { Instant } from "../core/clock.ts";
import type { NewRun } from "./store.ts";
import type { TaskRunEnd } from "./task-run-end.ts";

/** Runs that task runs of other workflows ask for, or wait for. */
export interface Calls {
  /** From now on the end of each run of this workflow is an event. */
  follow(workflow: string): Promise<void>;
  /** Records a run that a task run has asked for, under the id that this gave it. `false`: it is there already. */
  start(run: NewRun, cause: Cause, scheduler?: number): Promise<boolean>;
  /** `null`: there is no such run. */
  head(runId: string): Promise<CalledHead | null>;
  /** What these tasks of a run returned, by task and map index: those that have succeeded. */
  results(runId: string, taskIds: readonly number[], limit: number): Promise<readonly TaskRunEnd[]>;
  /** The first that failed; `null`: none did. */
  firstFailed(runId: string): Promise<TaskRunEnd | null>;
  /** Runs of a workflow whose windows touch this one, and that began at most `MAX_WINDOW_MS` before it, the newest windows first. */
  runsIn(workflow: string, window: { readonly start: Instant; readonly end: Instant }): Promise<readonly WindowOfRun[]>;
}

export interface CalledHead {
  readonly state: RunState;
  readonly versionId: number;
}

/** The widest window that another one is looked for in: a leap year and a week. */
export const MAX_WINDOW_MS = 373 * 86_400_000;

/** Of one window: those of each of its minutes, several times over. */
export const MAX_RUNS_IN = 10_000;
