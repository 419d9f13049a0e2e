import { type Clock, systemClock } from "../../core/clock.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import type { BackfillQuery, BackfillRecord } from "../backfills.ts";
import type { ProcessRecord } from "../process-list.ts";
import { type ProcessRow, toProcess } from "../process-row.ts";
import type {
  AttemptRecord,
  RunDetail,
  RunDetailOptions,
  RunHead,
  RunQuery,
  RunSummary,
  StoreReader,
  TaskRunDetail,
  TaskStateCount,
  WorkflowSummary,
  VersionQuery,
  VersionSummary,
} from "../reader.ts";
import type { ListedEvent, RecentQuery, SubscriptionRecord } from "../events.ts";
import type { AlertQuery, AlertRecord } from "../alerts.ts";
import {
  type AnswerRow,
  type ApprovalQuery,
  type ApprovalRecord,
  type AskingRow,
  askingTaskRun,
  toApprovals,
} from "../approvals.ts";
import type { ScheduleRecord, WindowQuery, WindowRecord } from "../schedules.ts";
import { parseCounts } from "../state-counts.ts";
import type { VersionRecord } from "../store.ts";
import { type AttemptRow, toAttempt } from "../attempt-row.ts";
import { toWorkflow, type WorkflowRow } from "../workflow-row.ts";
import { LOOKUP_LIMIT, onlyBackfill, onlyRun } from "../run-lookup.ts";
import { hasTaskRun, listAnswers, listAsking } from "./approval.sql.ts";
import { listAttempts } from "./attempt.sql.ts";
import { findBackfills } from "./backfill.sql.ts";
import { type RunRow, toRunRecord } from "../run-row.ts";
import { getIdentity, listProcesses } from "./process.sql.ts";
import { AFTER_ALL, readRuns } from "./read-runs.ts";
import { findRuns } from "./run-summary.sql.ts";
import { getRun } from "./run.sql.ts";
import { readBackfill, readBackfills } from "./sqlite-backfills.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteAccessReader } from "./sqlite-access.ts";
import { readAlerts } from "./sqlite-alerts.ts";
import { readEvents, readSubscriptions } from "./sqlite-events.ts";
import { SqliteLimitReader } from "./sqlite-limits.ts";
import { SqliteAssets } from "./sqlite-assets.ts";
import { SqliteSecrets } from "./sqlite-secrets.ts";
import { SqliteWebhooks } from "./sqlite-webhooks.ts";
import { readSchedules, readWindows } from "./sqlite-schedules.ts";
import { countTaskStates, listTaskRuns, listTaskRunsWithOutputs } from "./task-run.sql.ts";
import { toTaskRunDetails } from "../task-run-detail.ts";
import type { TaskRunRow } from "../task-run-row.ts";
import { listTasksOfRun } from "./task.sql.ts";
import { toVersionRecord, toVersionSummary, type VersionRow, type VersionSummaryRow } from "../version-row.ts";
import { VersionCache } from "../version-cache.ts";
import { getLatestVersion, getVersion, listVersions } from "./version.sql.ts";
import { getWorkflowId, listQueues, listTagged, listWorkflows } from "./workflow.sql.ts";

const ID_PREFIX = /^[0-9a-z]{1,26}$/;

/** Reads a store on a connection of its own, beside the owner's. */
export class SqliteReader implements StoreReader {
  readonly access: SqliteAccessReader;
  readonly limits: SqliteLimitReader;
  readonly assets: SqliteAssets;
  readonly secrets: SqliteSecrets;
  readonly webhooks: SqliteWebhooks;
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #versions = new VersionCache();

  constructor(connection: SqliteConnection, clock: Clock = systemClock) {
    this.#connection = connection;
    this.access = new SqliteAccessReader(connection);
    this.limits = new SqliteLimitReader(connection, clock);
    this.assets = new SqliteAssets(connection);
    this.secrets = new SqliteSecrets(connection);
    this.webhooks = new SqliteWebhooks(connection);
    this.#clock = clock;
  }

  async listRuns({ workflow, ...query }: RunQuery): Promise<readonly RunSummary[]> {
    const ids = workflow === undefined ? null : [workflow].flat().flatMap((name) => this.#workflow(name) ?? []);
    return readRuns(this.#connection, ids, query);
  }

  async findRun(prefix: string): Promise<string> {
    const from = prefix.toLowerCase();
    const found = ID_PREFIX.test(from)
      ? this.#connection.all<{ id: string }>(findRuns({ from, to: `${from}${AFTER_ALL}`, limit: LOOKUP_LIMIT }))
      : [];
    return onlyRun(
      prefix,
      found.map((run) => run.id),
    );
  }

  async runDetail(runId: string, { outputs = true }: RunDetailOptions = {}): Promise<RunDetail | null> {
    return this.#connection.snapshot(() => {
      const row = this.#connection.get<RunRow>(getRun({ id: runId }));
      if (row === null) return null;
      const version = this.#version(row.version)!;
      return {
        run: toRunRecord(row),
        version,
        counts: parseCounts<TaskRunState>(row.counts),
        taskRuns: this.#taskRuns(row, version, outputs),
      };
    });
  }

  async runHead(runId: string): Promise<RunHead | null> {
    const row = this.#connection.get<RunRow>(getRun({ id: runId }));
    return row === null ? null : { run: toRunRecord(row), counts: parseCounts<TaskRunState>(row.counts) };
  }

  async attempts(runId: string): Promise<readonly AttemptRecord[]> {
    return this.#connection.all<AttemptRow>(listAttempts({ runId })).map(toAttempt);
  }

  async getVersion(id: number): Promise<VersionRecord | null> {
    return this.#version(id);
  }

  async taskStates(runIds: readonly string[]): Promise<readonly TaskStateCount[]> {
    return runIds.flatMap((runId) =>
      this.#connection.all<Omit<TaskStateCount, "runId">>(countTaskStates({ runId })).map((row) => ({ runId, ...row })),
    );
  }

  async listWorkflows(name: string | null = null): Promise<readonly WorkflowSummary[]> {
    return this.#connection.all<WorkflowRow>(listWorkflows({ name })).map(toWorkflow);
  }

  async listTagged(tags: readonly string[]): Promise<readonly string[]> {
    return this.#connection.all<{ name: string }>(listTagged({ tags: JSON.stringify(tags) })).map(({ name }) => name);
  }

  async latestVersion(workflow: string): Promise<VersionRecord | null> {
    const row = this.#connection.get<VersionRow>(getLatestVersion({ workflow }));
    return row === null ? null : toVersionRecord(row);
  }

  async listVersions(workflow: string, { limit, before = null }: VersionQuery): Promise<readonly VersionSummary[]> {
    return this.#connection.all<VersionSummaryRow>(listVersions({ workflow, before, limit })).map(toVersionSummary);
  }

  async listSchedules(workflows?: readonly string[]): Promise<readonly ScheduleRecord[]> {
    return readSchedules(this.#connection, workflows);
  }

  async listWindows(query: WindowQuery): Promise<readonly WindowRecord[]> {
    return readWindows(this.#connection, query);
  }

  async listBackfills(query: BackfillQuery): Promise<readonly BackfillRecord[]> {
    return this.#connection.snapshot(() => readBackfills(this.#connection, query));
  }

  async findBackfill(prefix: string): Promise<BackfillRecord> {
    const from = prefix.toLowerCase();
    const range = { from, to: `${from}${AFTER_ALL}`, limit: LOOKUP_LIMIT };
    const found = ID_PREFIX.test(from) ? this.#connection.all<{ id: string }>(findBackfills(range)) : [];
    return this.#connection.snapshot(() => readBackfill(this.#connection, onlyBackfill(prefix, found))!);
  }

  async listQueues(): Promise<readonly (string | null)[]> {
    return this.#connection.all<{ queue: string | null }>(listQueues()).map(({ queue }) => queue);
  }

  async listProcesses(limit: number): Promise<readonly ProcessRecord[]> {
    return this.#connection.all<ProcessRow>(listProcesses({ limit, now: this.#clock.now() })).map(toProcess);
  }

  async listEvents(query: RecentQuery): Promise<readonly ListedEvent[]> {
    return readEvents(this.#connection, query);
  }

  async listSubscriptions(workflows?: readonly string[]): Promise<readonly SubscriptionRecord[]> {
    return readSubscriptions(this.#connection, workflows);
  }

  async listAlerts(query: AlertQuery): Promise<readonly AlertRecord[]> {
    return readAlerts(this.#connection, query);
  }

  async listApprovals({ id, limit }: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    const taskRun = id === undefined ? null : askingTaskRun(id);
    if (id !== undefined && taskRun === null) return [];
    const rows = this.#connection.all<AskingRow>(listAsking({ taskRun, limit }));
    const found = await toApprovals(rows, this.#clock.now(), async (uids) =>
      this.#connection.all<AnswerRow>(listAnswers({ uids: JSON.stringify(uids) })),
    );
    return id === undefined ? found : found.filter((approval) => approval.id === id);
  }

  async hasTaskRun(id: number): Promise<boolean> {
    return this.#connection.get(hasTaskRun({ id })) !== null;
  }

  async identity(): Promise<string> {
    return this.#connection.get<{ id: string }>(getIdentity())!.id;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #version(id: number): VersionRecord | null {
    const known = this.#versions.get(id);
    if (known !== undefined) return known;
    const row = this.#connection.get<VersionRow>(getVersion({ id }));
    return row === null ? null : this.#versions.keep(toVersionRecord(row));
  }

  #workflow(name: string): number | null {
    return this.#connection.get<{ id: number }>(getWorkflowId({ name }))?.id ?? null;
  }

  #taskRuns(run: RunRow, version: VersionRecord, outputs: boolean): readonly TaskRunDetail[] {
    const names = this.#connection.all<{ id: number; name: string }>(listTasksOfRun({ runId: run.id }));
    const rows = this.#connection.all<TaskRunRow>(
      outputs ? listTaskRunsWithOutputs({ run: run.seq }) : listTaskRuns({ run: run.seq }),
    );
    return toTaskRunDetails(rows, names, version);
  }
}
