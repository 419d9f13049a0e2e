import { type AttemptRow, toAttempt } from "../attempt-row.ts";
import type { Instant } from "../../core/clock.ts";
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
import { LOOKUP_LIMIT, onlyBackfill, onlyRun } from "../run-lookup.ts";
import { type RunRow, toRunRecord } from "../run-row.ts";
import type { ListedEvent, RecentQuery, SubscriptionRecord } from "../events.ts";
import type { AlertQuery, AlertRecord } from "../alerts.ts";
import type { ApprovalQuery, ApprovalRecord } from "../approvals.ts";
import type { ScheduleRecord, WindowQuery, WindowRecord } from "../schedules.ts";
import { parseCounts } from "../state-counts.ts";
import type { VersionRecord } from "../store.ts";
import { toTaskRunDetails } from "../task-run-detail.ts";
import type { TaskRunRow } from "../task-run-row.ts";
import { VersionCache } from "../version-cache.ts";
import { toVersionSummary, type VersionRow, type VersionSummaryRow } from "../version-row.ts";
import { toWorkflow, type WorkflowRow } from "../workflow-row.ts";
import { hasTaskRun } from "./approval.sql.ts";
import { readApprovals } from "./postgres-approvals.ts";
import { listAttempts } from "./attempt.sql.ts";
import { findBackfills } from "./backfill.sql.ts";
import { readBackfill, readBackfills } from "./postgres-backfills.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { PostgresAccessReader } from "./postgres-access.ts";
import { readAlerts } from "./postgres-alerts.ts";
import { readEvents, readSubscriptions } from "./postgres-events.ts";
import { PostgresLimitReader } from "./postgres-limits.ts";
import { PostgresAssets } from "./postgres-assets.ts";
import { PostgresSecrets } from "./postgres-secrets.ts";
import { PostgresWebhooks } from "./postgres-webhooks.ts";
import { readSchedules, readWindows } from "./postgres-schedules.ts";
import { getIdentity, listProcesses } from "./process.sql.ts";
import { readRuns } from "./read-runs.ts";
import { findRuns } from "./run-summary.sql.ts";
import { fromUuid, toUuid, uuidsWithPrefix } from "./run-uuid.ts";
import { getRun } from "./run.sql.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { countTaskStates, listTaskRuns, listTaskRunsWithOutputs } from "./task-run.sql.ts";
import { listTasksOfRun } from "./task.sql.ts";
import { toVersionRecord } from "./version-registry.ts";
import { getLatestVersion, getVersion, listVersions } from "./version.sql.ts";
import { getWorkflowId, listQueues, listTagged, listWorkflows } from "./workflow.sql.ts";

const ID_PREFIX = /^[0-9a-z]{1,26}$/;

/** Reads a store beside its schedulers and never waits for them. */
export class PostgresReader implements StoreReader {
  readonly access: PostgresAccessReader;
  readonly limits: PostgresLimitReader;
  readonly assets: PostgresAssets;
  readonly secrets: PostgresSecrets;
  readonly webhooks: PostgresWebhooks;
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;
  readonly #versions = new VersionCache();

  /** `now`: of a test. Default: the database's. */
  constructor(connection: PostgresConnection, now: () => Instant | null = () => null) {
    this.#connection = connection;
    this.access = new PostgresAccessReader(connection);
    this.limits = new PostgresLimitReader(connection, now);
    this.assets = new PostgresAssets(connection);
    this.secrets = new PostgresSecrets(connection);
    this.webhooks = new PostgresWebhooks(connection);
    this.#now = now;
  }

  async listRuns({ workflow, ...query }: RunQuery): Promise<readonly RunSummary[]> {
    const ids = workflow === undefined ? null : await this.#workflows([workflow].flat());
    return readRuns(this.#connection, ids, query);
  }

  async findRun(prefix: string): Promise<string> {
    const range = uuidsWithPrefix(prefix.toLowerCase());
    const found =
      range === null ? [] : await this.#connection.all<{ id: string }>(findRuns({ ...range, limit: LOOKUP_LIMIT }));
    return onlyRun(
      prefix,
      found.map((run) => fromUuid(run.id)),
    );
  }

  async runDetail(runId: string, { outputs = true }: RunDetailOptions = {}): Promise<RunDetail | null> {
    const uuid = toUuid(runId);
    if (uuid === null) return null;
    return this.#connection.snapshot(async (session) => {
      const row = await session.get<RunRow>(getRun({ uuid }));
      if (row === null) return null;
      const version =
        this.#versions.get(row.version) ??
        this.#versions.keep(toVersionRecord((await session.get<VersionRow>(getVersion({ id: row.version })))!));
      return {
        run: recordOf(row),
        version,
        counts: parseCounts<TaskRunState>(row.counts),
        taskRuns: await taskRunsOf(session, row, version, outputs),
      };
    });
  }

  async runHead(runId: string): Promise<RunHead | null> {
    const uuid = toUuid(runId);
    const row = uuid === null ? null : await this.#connection.get<RunRow>(getRun({ uuid }));
    return row === null ? null : { run: recordOf(row), counts: parseCounts<TaskRunState>(row.counts) };
  }

  async attempts(runId: string): Promise<readonly AttemptRecord[]> {
    const uuid = toUuid(runId);
    if (uuid === null) return [];
    const rows = await this.#connection.all<AttemptRow>(listAttempts({ uuid }));
    return rows.map((row) => toAttempt({ ...row, task_name: fromStoredText(row.task_name) }));
  }

  async getVersion(id: number): Promise<VersionRecord | null> {
    const known = this.#versions.get(id);
    if (known !== undefined) return known;
    const row = await this.#connection.get<VersionRow>(getVersion({ id }));
    return row === null ? null : this.#versions.keep(toVersionRecord(row));
  }

  async taskStates(runIds: readonly string[]): Promise<readonly TaskStateCount[]> {
    const runs = JSON.stringify(runIds.map(toUuid).filter((uuid) => uuid !== null));
    const rows = await this.#connection.all<Omit<TaskStateCount, "runId"> & { uuid: string }>(
      countTaskStates({ runs }),
    );
    return rows.map(({ uuid, ...row }) => ({ runId: fromUuid(uuid), ...row }));
  }

  async listWorkflows(name: string | null = null): Promise<readonly WorkflowSummary[]> {
    const rows = await this.#connection.all<WorkflowRow>(listWorkflows({ name: name && toStoredText(name) }));
    return rows.map((row) =>
      toWorkflow({
        ...row,
        name: fromStoredText(row.name),
        hash: fromStoredText(row.hash),
        file: fromStoredText(row.file),
        paused_by: row.paused_by === null ? null : fromStoredText(row.paused_by),
        run_id: row.run_id === null ? null : fromUuid(row.run_id),
      }),
    );
  }

  async listTagged(tags: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#connection.all<{ name: string }>(listTagged({ tags: JSON.stringify(tags) }));
    return rows.map(({ name }) => fromStoredText(name));
  }

  async latestVersion(workflow: string): Promise<VersionRecord | null> {
    const row = await this.#connection.get<VersionRow>(getLatestVersion({ workflow: toStoredText(workflow) }));
    return row === null ? null : toVersionRecord(row);
  }

  async listVersions(workflow: string, { limit, before = null }: VersionQuery): Promise<readonly VersionSummary[]> {
    const rows = await this.#connection.all<VersionSummaryRow>(
      listVersions({ workflow: toStoredText(workflow), before, limit }),
    );
    return rows.map(toVersionSummary);
  }

  listSchedules(workflows?: readonly string[]): Promise<readonly ScheduleRecord[]> {
    return readSchedules(this.#connection, workflows);
  }

  listWindows(query: WindowQuery): Promise<readonly WindowRecord[]> {
    return readWindows(this.#connection, query);
  }

  listBackfills(query: BackfillQuery): Promise<readonly BackfillRecord[]> {
    return this.#connection.snapshot((session) => readBackfills(session, query));
  }

  async findBackfill(prefix: string): Promise<BackfillRecord> {
    const from = prefix.toLowerCase();
    const found = ID_PREFIX.test(from)
      ? await this.#connection.all<{ id: string }>(findBackfills({ from, to: `${from}~`, limit: LOOKUP_LIMIT }))
      : [];
    const id = onlyBackfill(prefix, found);
    return (await this.#connection.snapshot((session) => readBackfill(session, id)))!;
  }

  async listQueues(): Promise<readonly (string | null)[]> {
    return (await this.#connection.all<{ queue: string | null }>(listQueues())).map(({ queue }) => queue);
  }

  async listProcesses(limit: number): Promise<readonly ProcessRecord[]> {
    return (await this.#connection.all<ProcessRow>(listProcesses({ limit, now: this.#now() }))).map(toProcess);
  }

  listEvents(query: RecentQuery): Promise<readonly ListedEvent[]> {
    return readEvents(this.#connection, query);
  }

  listSubscriptions(workflows?: readonly string[]): Promise<readonly SubscriptionRecord[]> {
    return readSubscriptions(this.#connection, workflows);
  }

  listAlerts(query: AlertQuery): Promise<readonly AlertRecord[]> {
    return readAlerts(this.#connection, query);
  }

  async listApprovals(query: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    return readApprovals(this.#connection, query, this.#now());
  }

  async hasTaskRun(id: number): Promise<boolean> {
    return (await this.#connection.get(hasTaskRun({ id }))) !== null;
  }

  async identity(): Promise<string> {
    return (await this.#connection.get<{ id: string }>(getIdentity()))!.id;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #workflows(names: readonly string[]): Promise<readonly number[]> {
    const rows = await Promise.all(
      names.map((name) => this.#connection.get<{ id: number }>(getWorkflowId({ name: toStoredText(name) }))),
    );
    return rows.flatMap((row) => row?.id ?? []);
  }
}

/** What PostgreSQL writes otherwise: the id, and names that may hold U+0000. */
export const recordOf = (row: RunRow) =>
  toRunRecord({ ...row, id: fromUuid(row.id), workflow: fromStoredText(row.workflow) });

async function taskRunsOf(
  session: Session,
  run: RunRow,
  version: VersionRecord,
  outputs: boolean,
): Promise<readonly TaskRunDetail[]> {
  const tasks = await session.all<{ id: number; name: string }>(listTasksOfRun({ run: run.seq }));
  const rows = await session.all<TaskRunRow>(
    outputs ? listTaskRunsWithOutputs({ run: run.seq }) : listTaskRuns({ run: run.seq }),
  );
  return toTaskRunDetails(
    rows,
    tasks.map(({ id, name }) => ({ id, name: fromStoredText(name) })),
    version,
  );
}
