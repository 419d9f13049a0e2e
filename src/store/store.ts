import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { ListReports, StoredValue } from "../core/value.ts";
import type { CommandRecord } from "./command-inbox.ts";
import type { Fleet, NewOffer } from "./fleet.ts";
import type { PruneOptions, PruneResult } from "./retention.ts";

export type { PruneOptions, PruneResult } from "./retention.ts";

/**
 * The only truth. The engine hands over one batch of changes a tick; a batch is made of one group per run,
 * and a group applies whole or not at all. Asynchronous, because PostgreSQL answers later.
 */
export interface Store {
  /** Who else works on this store. */
  readonly fleet: Fleet;
  /** Records a version, its bundle and its task names. The same hash twice is one version. */
  registerVersion(version: NewVersion): Promise<VersionRecord>;
  getVersion(id: number): Promise<VersionRecord | null>;
  /** The version of a workflow that was registered as its latest; the newest where none was. */
  latestVersion(workflow: string): Promise<VersionRecord | null>;
  getBundle(hash: string): Promise<Bundle | null>;

  /**
   * One transaction. Answers for each group, in order, whether it was applied and which ids its new task runs have.
   * When it rejects, nothing of the whole batch is written: `STORE_FULL` and the like may be tried again as it is, a
   * step that the state tables do not have is a bug. Only after `STORE_UNREACHABLE` it may have been: the same batch
   * tried again then answers what has become of it, and is never applied twice.
   * `scheduler`: runs that the batch creates are that scheduler's, and a group of a run that another one holds is dropped.
   */
  commit(groups: readonly RunGroup[], scheduler?: number): Promise<readonly GroupResult[]>;

  /** A run with all its task runs, without outputs. `null`: no such run. */
  loadRun(runId: string): Promise<LoadedRun | null>;
  /** Ids of all runs that have not ended, oldest first. */
  unfinishedRuns(): Promise<readonly string[]>;
  /** What these task runs returned. Those without a value are absent. */
  readOutputs(taskRunIds: readonly number[]): Promise<ReadonlyMap<number, TaskRunOutput>>;
  readDrawer(drawer: DrawerKey): Promise<string | null>;

  /**
   * What other processes left for the owner, oldest first. They stay until they are removed, so a crash in between delivers
   * them again. `scheduler`: only those about runs that no other living one holds, and no other one gets them while it lives.
   */
  pendingCommands(limit: number, scheduler?: number): Promise<readonly CommandRecord[]>;
  removeCommands(ids: readonly number[]): Promise<void>;

  /** One small batch of retention; call it again while it answers `more`. */
  prune(options: PruneOptions): Promise<PruneResult>;

  close(): Promise<void>;
}

export interface LoadedRun {
  readonly run: RunRecord;
  readonly taskRuns: readonly TaskRunRecord[];
  /** Who holds it; `null`: nobody, or the store has one owner. A group of any other scheduler is dropped. */
  readonly scheduler: number | null;
}

export interface Bundle {
  readonly hash: string;
  readonly code: string;
  readonly map: string | null;
}

export interface NewVersion {
  /** Over bundle and manifest. */
  readonly hash: string;
  readonly manifest: WorkflowManifest;
  readonly bundle: Bundle;
  /** The pipeline file, relative to the project's folder. */
  readonly file: string;
  /** Packages that stay outside the bundle, with the version found when it was made. */
  readonly outside: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  /** Makes it the version that schedules and `retry --latest` take. Default: false, as for `tutti run`. */
  readonly latest?: boolean;
}

export interface VersionRecord {
  readonly id: number;
  readonly hash: string;
  readonly workflow: string;
  readonly manifest: WorkflowManifest;
  readonly bundleHash: string;
  readonly file: string;
  readonly outside: Readonly<Record<string, string>>;
  /** The store's id of each task, by its place in the manifest; the same name keeps its id from version to version. */
  readonly taskIds: readonly number[];
  readonly createdAt: Instant;
}

export type RunTrigger = "schedule" | "manual" | "event" | "asset" | "run" | "backfill";

export interface RunRecord {
  /** A UUIDv7 as 26 lower-case characters. */
  readonly id: string;
  readonly workflow: string;
  readonly versionId: number;
  readonly state: RunState;
  /** 1-based; a user's retry opens the next one. */
  readonly generation: number;
  /** Rises with every committed group of this run. */
  readonly revision: number;
  readonly trigger: RunTrigger;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
  /** The local calendar date of the window's start, `YYYY-MM-DD`. */
  readonly date: string;
  readonly timezone: string;
  /** What the user passed, as the value codec encodes it. */
  readonly paramsInput: string | null;
  /** What the schema made of it: `ctx.params`. */
  readonly params: string | null;
  /** Lengths of the lists in the params that the graph maps over. */
  readonly paramsLists: ListReports | null;
  readonly cancelRequested: boolean;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export type NewRun = Omit<RunRecord, "revision" | "cancelRequested" | "startedAt" | "endedAt" | "workflow">;

/** A task run that has left `waiting` at least once. One that has not has no row: its state follows from the graph. */
export interface TaskRunRecord {
  readonly id: number;
  /** The store's id of the task (see `VersionRecord.taskIds`). */
  readonly taskId: number;
  /** `null`: not mapped, or mapped and ended before it had elements. */
  readonly mapIndex: number | null;
  readonly state: TaskRunState;
  /** The fencing token: rises with every claim, guards every write after it. 0: never claimed. */
  readonly claim: number;
  /** 1-based; what retries count. */
  readonly attempt: number;
  /** 1-based. */
  readonly generation: number;
  /** Retries so far of each enclosing group that has retries, outermost first. */
  readonly groupRetries: readonly number[];
  /** Recorded successes that were thrown away; part of the idempotency key. */
  readonly discarded: number;
  /** Workers lost under it in this generation. */
  readonly losses: number;
  readonly queuedAt: Instant | null;
  readonly claimedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** When an `up_for_retry` is due. */
  readonly dueAt: Instant | null;
  readonly worker: string | null;
  readonly hasOutput: boolean;
  readonly lists: ListReports | null;
  /** Of a branch: the keys it chose. */
  readonly arms: readonly string[] | null;
  readonly error: ErrorData | null;
  /** Why it was skipped, in its own words. */
  readonly skipReason: string | null;
}

export interface TaskRunOutput {
  readonly value: StoredValue;
  readonly lists: ListReports | null;
}

/**
 * Everything one decision about one run changes. Applied whole, or dropped when the revision moved or a guard matches no
 * row. Its parts are written in the order run, drawers, changes, inserts, attempts: a drawer may come with the result.
 */
export interface RunGroup {
  readonly runId: string;
  /** The revision the decision was made on; 0 with `create`. */
  readonly revision: number;
  readonly create: NewRun | null;
  readonly run: RunChange | null;
  readonly inserts: readonly NewTaskRun[];
  readonly changes: readonly TaskRunChange[];
  readonly attempts: readonly NewAttempt[];
  readonly drawers: readonly DrawerWrite[];
  /** Queued task runs that worker-only processes may claim. Default: none. */
  readonly offers?: readonly NewOffer[];
  /** Ids of the results that this decision has used: they go with its commit. Default: none. */
  readonly results?: readonly number[];
}

export interface RunChange {
  readonly state?: RunState;
  readonly generation?: number;
  readonly versionId?: number;
  readonly cancelRequested?: boolean;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant | null;
}

export interface NewTaskRun {
  readonly taskId: number;
  readonly mapIndex: number | null;
  readonly state: Exclude<TaskRunState, "waiting" | "deferred" | "up_for_retry" | "removed">;
  /** 0, or 1 when it is claimed in the same commit that queues it. */
  readonly claim: 0 | 1;
  readonly attempt: number;
  readonly generation: number;
  readonly worker: string | null;
  readonly queuedAt: Instant | null;
  readonly claimedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly error: ErrorData | null;
  readonly skipReason: string | null;
}

/** A guarded change: it applies only while the row has this id, this claim and the state the change starts from. */
export type TaskRunChange = { readonly id: number; readonly claim: number } &
  /** queued → running; the row's claim rises by one. */
  (
    | { readonly kind: "claim"; readonly worker: string; readonly at: Instant }
    /** running → ended by what its code, its worker or its user said. */
    | {
        readonly kind: "finish";
        readonly state: "succeeded" | "failed" | "skipped" | "cancelled";
        readonly startedAt: Instant | null;
        readonly endedAt: Instant;
        readonly output: StoredValue | null;
        readonly lists: ListReports | null;
        readonly arms: readonly string[] | null;
        readonly error: ErrorData | null;
        readonly skipReason: string | null;
        readonly losses: number;
      }
    /** running → up_for_retry; `attempt` is the next one's number. */
    | { readonly kind: "retry"; readonly attempt: number; readonly dueAt: Instant; readonly error: ErrorData }
    /** up_for_retry → queued when due, or running → queued when its worker was lost. */
    | {
        readonly kind: "requeue";
        readonly from: "up_for_retry" | "running";
        readonly losses: number;
        readonly at: Instant;
      }
    /** Any unfinished state → ended by a decision, or a stored `waiting` → queued, skipped, upstream_failed … */
    | {
        readonly kind: "decide";
        readonly from: TaskRunState;
        readonly to: "queued" | "skipped" | "upstream_failed" | "cancelled" | "failed" | "removed";
        readonly at: Instant;
        readonly error: ErrorData | null;
        readonly skipReason: string | null;
      }
    /** An ended task run → waiting, in a new generation: output, error, attempt, losses and arms start anew; the claim goes on rising. */
    | {
        readonly kind: "reopen";
        readonly from: TaskRunState;
        readonly generation: number;
        readonly groupRetries: readonly number[];
        readonly discarded: number;
        readonly at: Instant;
      }
  );

/** One end of an attempt. Append-only: the waterfall and the history live on it. */
export interface NewAttempt {
  /** The id, or the place in this group's `inserts`, of the task run. */
  readonly taskRun: { readonly id: number } | { readonly insert: number };
  readonly generation: number;
  readonly attempt: number;
  /** 0: decided, never executed. */
  readonly claim: number;
  readonly worker: string | null;
  readonly versionId: number;
  /** The task whose end let it start; `null`: nothing did. */
  readonly waitedFor: number | null;
  readonly queuedAt: Instant | null;
  readonly claimedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  readonly outcome: "succeeded" | "failed" | "skipped" | "cancelled" | "upstream_failed" | "lost";
  readonly error: ErrorData | null;
}

export interface GroupResult {
  readonly applied: boolean;
  /** Ids of the group's `inserts`, in their order; empty when it was dropped. */
  readonly ids: readonly number[];
}

/** `state` belongs to one task run, `memory` to a task across runs. */
export type DrawerKey =
  | { readonly drawer: "state"; readonly taskRunId: number; readonly key: string }
  | { readonly drawer: "memory"; readonly taskId: number; readonly key: string };

/** Fenced like a result: applies only while the task run is running under this claim. */
export interface DrawerWrite {
  readonly taskRunId: number;
  readonly claim: number;
  readonly to: DrawerKey;
  /** Encoded; `null` deletes. */
  readonly value: string | null;
}
