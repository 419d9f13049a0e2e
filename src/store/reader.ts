import type { Instant } from "../core/clock.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { StoredValue } from "../core/value.ts";
import type { StateCounts } from "./state-counts.ts";
import type { NewAttempt, RunRecord, TaskRunRecord, VersionRecord } from "./store.ts";

/** What the command line and other readers ask. Works beside a live owner and never waits for it. */
export interface StoreReader {
  /** Newest first. */
  listRuns(query: RunQuery): Promise<readonly RunSummary[]>;
  /**
   * The run whose id starts with these characters.
   * @throws TuttiError `RUN_NOT_FOUND`, `RUN_ID_AMBIGUOUS`
   */
  findRun(prefix: string): Promise<string>;
  /** A run with its version and its task runs, by place in the manifest and map index. `null`: no such run. */
  runDetail(runId: string, options?: RunDetailOptions): Promise<RunDetail | null>;
  /** In the order they were recorded; empty for a run that does not exist. */
  attempts(runId: string): Promise<readonly AttemptRecord[]>;
  /** By name. */
  listWorkflows(): Promise<readonly WorkflowSummary[]>;
  close(): Promise<void>;
}

export interface RunQuery {
  readonly workflow?: string;
  readonly states?: readonly RunState[];
  readonly limit: number;
  /** Only runs before this one: the last id of the page before. */
  readonly before?: string;
}

export interface RunDetailOptions {
  /** Whether outputs are read too. Default: true. */
  readonly outputs?: boolean;
}

export interface RunSummary extends Omit<RunRecord, "revision" | "paramsInput" | "params" | "paramsLists"> {
  readonly version: string;
  /** Of the task runs that have a row; one that still waits for the first time has none. */
  readonly counts: StateCounts<TaskRunState>;
}

export interface RunDetail {
  readonly run: RunRecord;
  readonly version: VersionRecord;
  readonly counts: StateCounts<TaskRunState>;
  readonly taskRuns: readonly TaskRunDetail[];
}

export interface TaskRunDetail extends TaskRunRecord {
  readonly task: string;
  /** `null`: none, or outputs were not asked for (see `hasOutput`). */
  readonly output: StoredValue | null;
}

export interface AttemptRecord extends Omit<NewAttempt, "taskRun"> {
  readonly taskRunId: number;
  readonly task: string;
  readonly mapIndex: number | null;
}

export interface WorkflowSummary {
  readonly name: string;
  /** The hash of its latest version, and the file that version came from. */
  readonly version: string;
  readonly file: string;
  readonly counts: StateCounts<RunState>;
  readonly lastRun: { readonly id: string; readonly state: RunState; readonly createdAt: Instant } | null;
}
