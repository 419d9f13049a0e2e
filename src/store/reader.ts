import type { Instant } from "../core/clock.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { StoredValue } from "../core/value.ts";
import type { AccessReader } from "./access.ts";
import type { Assets } from "./assets.ts";
import type { BackfillQuery, BackfillRecord } from "./backfills.ts";
import type { AlertQuery, AlertRecord } from "./alerts.ts";
import type { ApprovalQuery, ApprovalRecord } from "./approvals.ts";
import type { ListedEvent, RecentQuery, SubscriptionRecord } from "./events.ts";
import type { LimitReader } from "./limits.ts";
import type { ProcessRecord } from "./process-list.ts";
import type { Secrets } from "./secrets.ts";
import type { ScheduleRecord, WindowQuery, WindowRecord } from "./schedules.ts";
import type { StateCounts } from "./state-counts.ts";
import type { Webhooks } from "./webhooks.ts";
import type { NewAttempt, RunRecord, TaskRunRecord, VersionRecord } from "./store.ts";

/** What the command line and other readers ask. Works beside a live owner and never waits for it. */
export interface StoreReader {
  /** Who may do what, and who did what. */
  readonly access: AccessReader;
  /** Pools, and what is taken of limits. */
  readonly limits: LimitReader;
  readonly assets: Assets;
  readonly secrets: Secrets;
  readonly webhooks: Webhooks;
  /** Newest first. */
  listRuns(query: RunQuery): Promise<readonly RunSummary[]>;
  /**
   * The run whose id starts with these characters.
   * @throws TuttiError `RUN_NOT_FOUND`, `RUN_ID_AMBIGUOUS`
   */
  findRun(prefix: string): Promise<string>;
  /** A run with its version and its task runs, by place in the manifest and map index. `null`: no such run. */
  runDetail(runId: string, options?: RunDetailOptions): Promise<RunDetail | null>;
  /** How a run is now, without its task runs: cheap, whatever its size. `null`: no such run. */
  runHead(runId: string): Promise<RunHead | null>;
  /** In the order they were recorded; empty for a run that does not exist. */
  attempts(runId: string): Promise<readonly AttemptRecord[]>;
  /** By name. `name`: only this one; `null`: all. Default: all. */
  listWorkflows(name?: string | null): Promise<readonly WorkflowSummary[]>;
  /** Names of the workflows whose latest version has one of these tags. */
  listTagged(tags: readonly string[]): Promise<readonly string[]>;
  /** `null`: there is no such version. */
  getVersion(id: number): Promise<VersionRecord | null>;
  /** How many task runs of each task are in each state, of several runs. */
  taskStates(runIds: readonly string[]): Promise<readonly TaskStateCount[]>;
  /** The deployed version of a workflow; where none was deployed, the newest. */
  latestVersion(workflow: string): Promise<VersionRecord | null>;
  /** The versions of a workflow, newest first. */
  listVersions(workflow: string, query: VersionQuery): Promise<readonly VersionSummary[]>;
  /** As `Schedules.list`. */
  listSchedules(workflows?: readonly string[]): Promise<readonly ScheduleRecord[]>;
  /** As `Schedules.windows`. */
  listWindows(query: WindowQuery): Promise<readonly WindowRecord[]>;
  /** Newest first. */
  listBackfills(query: BackfillQuery): Promise<readonly BackfillRecord[]>;
  /** The backfill whose id starts with these characters. @throws TuttiError `BACKFILL_NOT_FOUND`, `BACKFILL_ID_AMBIGUOUS` */
  findBackfill(prefix: string): Promise<BackfillRecord>;
  /** The queues that tasks of deployed workflows name, by name; `null` for the default one. */
  listQueues(): Promise<readonly (string | null)[]>;
  /** Who works on the store, by name; those that died stay in it for a day. */
  listProcesses(limit: number): Promise<readonly ProcessRecord[]>;
  /** What has happened, newest first. */
  listEvents(query: RecentQuery): Promise<readonly ListedEvent[]>;
  /** As `Events.subscriptions`. */
  listSubscriptions(workflows?: readonly string[]): Promise<readonly SubscriptionRecord[]>;
  /** Newest first. */
  listAlerts(query: AlertQuery): Promise<readonly AlertRecord[]>;
  /** What task runs ask people, the longest asked first. */
  listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]>;
  /** Whether there is such a task run, whatever it is at. */
  hasTaskRun(id: number): Promise<boolean>;
  /** Which store this is: the same for all of its processes, for ever. */
  identity(): Promise<string>;
  close(): Promise<void>;
}

export interface RunHead {
  readonly run: RunRecord;
  readonly counts: StateCounts<TaskRunState>;
}

export interface RunQuery {
  /** Of this workflow, or of these. */
  readonly workflow?: string | readonly string[];
  readonly states?: readonly RunState[];
  /** That make one of these partitions, by key. */
  readonly partitions?: readonly string[];
  readonly limit: number;
  /** Only runs before this one: the last id of the page before. */
  readonly before?: string;
  /** Only runs after this one. */
  readonly after?: string;
}

export interface TaskStateCount {
  readonly runId: string;
  readonly taskId: number;
  readonly state: TaskRunState;
  readonly count: number;
}

export interface VersionQuery {
  readonly limit: number;
  /** Only versions before this one: the last number of the page before. */
  readonly before?: number | null;
}

export interface VersionSummary extends VersionRecord {
  /** The one that schedules start: that of the last deployment. */
  readonly latest: boolean;
  /** How many runs are pinned to it that have not ended. */
  readonly unfinishedRuns: number;
}

export interface RunDetailOptions {
  /** Whether outputs are read too. Default: true. */
  readonly outputs?: boolean;
}

export interface RunSummary extends Omit<
  RunRecord,
  "revision" | "paramsInput" | "params" | "paramsLists" | "backfill"
> {
  readonly version: string;
  /** It waits for its turn or its past, and nobody advances it. */
  readonly held: boolean;
  /** Of the task runs that have a row; one that still waits for the first time has none. */
  readonly counts: StateCounts<TaskRunState>;
}

export interface RunDetail extends RunHead {
  readonly version: VersionRecord;
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
  /** Its latest version was deployed; otherwise it was only run by hand. */
  readonly deployed: boolean;
  /** It was no part of the last deployment: nothing starts it by itself any more. */
  readonly retired: boolean;
  /** Its schedules start nothing until somebody unpauses it. `null`: it is not paused. */
  readonly paused: { readonly at: Instant; readonly by: string } | null;
  readonly counts: StateCounts<RunState>;
  readonly lastRun: { readonly id: string; readonly state: RunState; readonly createdAt: Instant } | null;
}
