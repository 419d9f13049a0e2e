import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { CacheFacts, CachedFrom, ListReports, StoredValue } from "../core/value.ts";
import type { Wait } from "../core/wait.ts";
import type { Access } from "./access.ts";
import type { Assets } from "./assets.ts";
import type { Backfills, WindowFacts } from "./backfills.ts";
import type { Alerts, NewAlert } from "./alerts.ts";
import type { LeftCommands } from "./command-inbox.ts";
import type { Cache } from "./cache.ts";
import type { Calls } from "./calls.ts";
import type { Deployment, DeploymentResult } from "./deployment.ts";
import type { DrawerKey, DrawerWrite } from "./drawer.ts";
import type { Events } from "./events.ts";
import type { Fleet, NewOffer } from "./fleet.ts";
import type { Limits, NewUse } from "./limits.ts";
import type { ProcessList } from "./process-list.ts";
import type { PruneOptions, PruneResult } from "./retention.ts";
import type { Secrets } from "./secrets.ts";
import type { Webhooks } from "./webhooks.ts";
import type { Schedules } from "./schedules.ts";
import type { NewAttempt } from "./new-attempt.ts";
import type { RunChange } from "./run-change.ts";
import type { TaskIdRange, TaskRunEnd } from "./task-run-end.ts";
import type { Bundle, NewVersion, VersionRecord } from "./version.ts";

export type { DrawerKey, DrawerWrite } from "./drawer.ts";
export type { PruneOptions, PruneResult } from "./retention.ts";
export type { NewAttempt } from "./new-attempt.ts";
export type { RunChange } from "./run-change.ts";
export type { TaskIdRange, TaskRunEnd } from "./task-run-end.ts";
export type { Bundle, NewVersion, VersionRecord } from "./version.ts";

/**
 * The only truth. The engine hands over one batch of changes a tick; a batch is made of one group per run,
 * and a group applies whole or not at all. Asynchronous, because PostgreSQL answers later.
 */
export interface Store extends LeftCommands {
  readonly fleet: Fleet;
  readonly processes: ProcessList;
  readonly schedules: Schedules;
  readonly backfills: Backfills;
  readonly access: Access;
  readonly alerts: Alerts;
  readonly events: Events;
  readonly limits: Limits;
  readonly assets: Assets;
  readonly secrets: Secrets;
  readonly webhooks: Webhooks;
  readonly calls: Calls;
  readonly cache: Cache;
  /** Records a version, its bundle and its task names. The same hash twice is one version. */
  registerVersion(version: NewVersion): Promise<VersionRecord>;
  /** Registers everything a project has as its latest versions and retires what is gone: all of it, or nothing. */
  deploy(deployment: Deployment): Promise<DeploymentResult>;
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
  /** Those that have not ended and are not held back, oldest first. */
  unfinishedRuns(): Promise<readonly string[]>;
  /** What these task runs returned. Those without a value are absent. */
  readOutputs(taskRunIds: readonly number[]): Promise<ReadonlyMap<number, TaskRunOutput>>;
  readDrawer(drawer: DrawerKey): Promise<string | null>;
  /** What a task run's code has recorded, in the order of its keys. */
  readSteps(taskRunId: number): Promise<readonly string[]>;
  /** What the body of a flow gave a task run of its; `body`: the store's id of the body's task. `null`: nothing. */
  readInput(taskRunId: number, body: number): Promise<string | null>;
  /** Of the elements in these ranges, all in one run, those that have ended, up to a limit: by task and map index. */
  readEnds(runId: string, ranges: readonly TaskIdRange[], limit: number): Promise<readonly TaskRunEnd[]>;

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

export type RunTrigger = "schedule" | "manual" | "event" | "asset" | "run" | "backfill";

export interface RunRecord extends WindowFacts {
  /** A UUIDv7 as 26 lower-case characters. */
  readonly id: string;
  readonly workflow: string;
  readonly versionId: number;
  readonly state: RunState;
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
  /** Of a run that events have started: which, as JSON (`core/event.ts`). Default: none have. */
  readonly cause?: string | null;
  readonly cancelRequested: boolean;
  /** It comes to its end because its time was over: it fails. Default: false. */
  readonly timedOut?: boolean;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export type NewRun = Omit<
  RunRecord,
  "revision" | "backfill" | "cancelRequested" | "timedOut" | "startedAt" | "endedAt" | "workflow"
>;

/** A task run that has left `waiting` at least once. One that has not has no row: its state follows from the graph. */
export interface TaskRunRecord extends Pick<CacheFacts, "cached"> {
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
  /** When an `up_for_retry` or a `deferred` is due. */
  readonly dueAt: Instant | null;
  readonly worker: string | null;
  /** What this attempt last gave its slot back for; `null`: nothing, or it has ended. */
  readonly wait: Wait | null;
  /** The first claim of the attempt that ended, where it had waited in between: artifacts of all claims since are its own. */
  readonly firstClaim: number | null;
  readonly hasOutput: boolean;
  readonly lists: ListReports | null;
  /** Of a branch: the keys it chose. */
  readonly arms: readonly string[] | null;
  readonly error: ErrorData | null;
  /** Why it was skipped, in its own words. */
  readonly skipReason: string | null;
  /** It is running, and was told to stop by itself (`DrawerKey` `stop`). */
  readonly isStopping?: true;
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
  readonly alerts?: readonly NewAlert[];
  /**
   * What the task runs that it claims or offers take of limits. Those for which there is no room are left out, and `refused`; where there
   * is room for none, the group is dropped and says that it is `full`. Such a group claims and offers, and does nothing else. Default: nothing.
   */
  readonly uses?: readonly NewUse[];
  /**
   * It was decided together with the group of its run before it in the same commit, and is dropped where that one is. Only one who is alone
   * with its store makes such groups: beside others each run stands once in a commit. Default: it stands for itself.
   */
  readonly follows?: true;
  /** Task runs that give back what they have taken, but for rates. Default: none. */
  readonly releases?: readonly number[];
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
        /** Default: the attempt never waited. */
        readonly firstClaim?: number | null;
        readonly cached?: CachedFrom;
      }
    /** running → deferred, until `wait.dueAt`; it keeps its claim, and its losses are forgiven. */
    | { readonly kind: "defer"; readonly wait: Wait; readonly at: Instant }
    /** running → up_for_retry; `attempt` is the next one's number. */
    | { readonly kind: "retry"; readonly attempt: number; readonly dueAt: Instant; readonly error: ErrorData }
    /** up_for_retry or deferred → queued when due, or running → queued when its worker was lost. */
    | {
        readonly kind: "requeue";
        readonly from: "up_for_retry" | "deferred" | "running";
        readonly losses: number;
        readonly at: Instant;
      }
    /** Any unfinished state → ended by a decision, or a stored `waiting` → queued, skipped, upstream_failed … */
    | {
        readonly kind: "decide";
        readonly from: TaskRunState;
        readonly to: "queued" | "succeeded" | "skipped" | "upstream_failed" | "cancelled" | "failed" | "removed";
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
        /** Its drawer goes too. Default: that of a success does. */
        readonly empties?: true;
        readonly at: Instant;
      }
  );

export interface GroupResult {
  readonly applied: boolean;
  /** It was dropped because a limit has no room for it, and nothing that it was decided on has moved. */
  readonly full?: true;
  /** Task runs of a group that was applied whose claim or offer was left out, because a limit has no room for it. Default: none. */
  readonly refused?: readonly number[];
  /** Of the group's `inserts`, in their order; empty when it was dropped. */
  readonly ids: readonly number[];
}
