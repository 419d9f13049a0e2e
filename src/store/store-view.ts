import type { BackfillPlan } from "../core/backfill.ts";
import type { Instant } from "../core/clock.ts";
import type { AccessReader } from "./access.ts";
import type { AlertQuery, AlertRecord } from "./alerts.ts";
import type { ApprovalQuery, ApprovalRecord } from "./approvals.ts";
import type { BackfillQuery, BackfillRecord } from "./backfills.ts";
import type { LimitReader } from "./limits.ts";
import type { ProcessRecord } from "./process-list.ts";
import type {
  AttemptRecord,
  RunDetail,
  RunDetailOptions,
  RunQuery,
  RunSummary,
  TaskRunDetail,
  VersionQuery,
  VersionSummary,
  WorkflowSummary,
} from "./reader.ts";
import type { ScheduleRecord, WindowQuery, WindowRecord } from "./schedules.ts";
import type { RunRecord, VersionRecord } from "./store.ts";

/**
 * What commands show of a store: beside it, which every `StoreReader` can, or through a server. What only the engine needs of a row is no part
 * of it.
 */
export interface StoreView {
  readonly access: Pick<AccessReader, "users" | "tokens">;
  readonly limits: Pick<LimitReader, "pools" | "holders">;
  listRuns(query: RunQuery): Promise<readonly RunListed[]>;
  findRun(prefix: string): Promise<string>;
  runDetail(runId: string, options?: RunDetailOptions): Promise<RunView | null>;
  runHead(runId: string): Promise<Pick<RunView, "run" | "counts"> | null>;
  attempts(runId: string): Promise<readonly AttemptView[]>;
  listWorkflows(): Promise<readonly WorkflowListed[]>;
  listTagged(tags: readonly string[]): Promise<readonly string[]>;
  latestVersion(workflow: string): Promise<VersionView | null>;
  listVersions(workflow: string, query: VersionQuery): Promise<readonly VersionListed[]>;
  listSchedules(workflows?: readonly string[]): Promise<readonly ScheduleView[]>;
  listWindows(query: WindowQuery): Promise<readonly WindowRecord[]>;
  listBackfills(query: BackfillQuery): Promise<readonly BackfillView[]>;
  findBackfill(prefix: string): Promise<BackfillView>;
  /** What a backfill of partitions would do now, where a server says it. Absent: whoever reads the store judges for itself. */
  previewBackfill?(asked: PreviewedBackfill): AsyncIterable<PreviewedText>;
  listProcesses(limit: number): Promise<readonly ProcessView[]>;
  listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]>;
  listAlerts(query: AlertQuery): Promise<readonly AlertView[]>;
  close(): Promise<void>;
}

export interface WorkflowListed extends WorkflowSummary {
  /** What a server says of its manifest, and when it starts next. Absent: whoever reads has the manifest. */
  readonly shown?: {
    readonly description: string | null;
    readonly tags: readonly string[];
    readonly tasks: number;
    readonly starts: readonly string[];
    readonly nextRun: Instant | null;
  };
}

export type RunListed = Omit<RunSummary, "versionId">;

export interface RunView extends Pick<RunDetail, "counts"> {
  readonly run: Pick<
    RunRecord,
    | "id"
    | "workflow"
    | "state"
    | "generation"
    | "intervalStart"
    | "intervalEnd"
    | "date"
    | "timezone"
    | "partition"
    | "params"
    | "paramsInput"
    | "cancelRequested"
    | "startedAt"
    | "endedAt"
  >;
  readonly version: VersionView;
  readonly taskRuns: readonly TaskRunView[];
}

export type VersionView = Pick<VersionRecord, "id" | "hash" | "workflow" | "file" | "manifest">;

export interface TaskRunView extends Pick<
  TaskRunDetail,
  | "id"
  | "task"
  | "mapIndex"
  | "state"
  | "claim"
  | "attempt"
  | "generation"
  | "startedAt"
  | "endedAt"
  | "dueAt"
  | "arms"
  | "error"
  | "skipReason"
  | "output"
> {
  readonly wait: WaitView | null;
  readonly cached?: Pick<NonNullable<TaskRunDetail["cached"]>, "runId" | "madeAt">;
}

/** What a task run gave its slot back for. */
export interface WaitView extends Pick<
  NonNullable<TaskRunDetail["wait"]>,
  "kind" | "dueAt" | "checks" | "since" | "tasks"
> {
  readonly events?: readonly { readonly name: string }[];
}

export type AttemptView = Pick<AttemptRecord, "taskRunId" | "generation" | "attempt" | "claim" | "outcome">;

export type VersionListed = Pick<
  VersionSummary,
  "hash" | "file" | "createdAt" | "latest" | "unfinishedRuns" | "outside" | "manifest"
>;

export type ScheduleView = Pick<
  ScheduleRecord,
  "workflow" | "name" | "cursor" | "enabledSince" | "unfinished" | "active" | "held"
>;

export interface BackfillView extends Omit<BackfillRecord, "plan" | "versionId" | "revision" | "reached" | "reopens"> {
  readonly plan: Pick<BackfillPlan, "from" | "to" | "order" | "reprocess" | "version" | "within" | "partitions"> & {
    readonly schedule: { readonly name: string };
  };
}

export type PreviewedBackfill = Pick<BackfillPlan, "order" | "reprocess"> & {
  readonly workflow: string;
  readonly partition: string;
};

/** A window of a backfill, and what would be done with it. */
export interface PreviewedText {
  readonly date: string;
  readonly start: string;
  readonly end: string;
  /** Its key. Absent: it is a window of the schedule. */
  readonly partition?: string;
  readonly action: "run" | "skip";
  readonly reason: string;
}

export type ProcessView = Omit<ProcessRecord, "instance">;

export type AlertView = Pick<
  AlertRecord,
  | "id"
  | "at"
  | "event"
  | "workflow"
  | "task"
  | "runId"
  | "count"
  | "receiver"
  | "state"
  | "tries"
  | "dueAt"
  | "deliveredAt"
  | "error"
  | "lastError"
  | "undelivered"
>;
