import { type AttemptRow, toAttempt } from "../attempt-row.ts";
import type { RunState } from "../../core/run-state.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import type {
  AttemptRecord,
  RunDetail,
  RunDetailOptions,
  RunQuery,
  RunSummary,
  StoreReader,
  TaskRunDetail,
  WorkflowSummary,
} from "../reader.ts";
import { LOOKUP_LIMIT, onlyRun } from "../run-lookup.ts";
import { type RunRow, type RunSummaryRow, toRunRecord, toRunSummary } from "../run-row.ts";
import { parseCounts } from "../state-counts.ts";
import type { VersionRecord } from "../store.ts";
import { toTaskRunDetails } from "../task-run-detail.ts";
import type { TaskRunRow } from "../task-run-row.ts";
import type { VersionRow } from "../version-row.ts";
import { toWorkflow, type WorkflowRow } from "../workflow-row.ts";
import { listAttempts } from "./attempt.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import * as summaries from "./run-summary.sql.ts";
import { fromUuid, LAST_UUID, toUuid, uuidsWithPrefix } from "./run-uuid.ts";
import { getRun } from "./run.sql.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import { listTaskRuns, listTaskRunsWithOutputs } from "./task-run.sql.ts";
import { listTasksOfRun } from "./task.sql.ts";
import { toVersionRecord } from "./version-registry.ts";
import { getVersion } from "./version.sql.ts";
import { getWorkflowId, listWorkflows } from "./workflow.sql.ts";

/** Reads a store beside its schedulers and never waits for them. */
export class PostgresReader implements StoreReader {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async listRuns({ workflow, states, limit, before }: RunQuery): Promise<readonly RunSummary[]> {
    const id = workflow === undefined ? undefined : await this.#workflow(workflow);
    if (id === null) return [];
    const last = before === undefined ? LAST_UUID : toUuid(before);
    if (last === null) return [];
    const perState = await Promise.all((states ?? [undefined]).map((state) => this.#runs(id, state, last, limit)));
    return perState
      .flat()
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  async findRun(prefix: string): Promise<string> {
    const range = uuidsWithPrefix(prefix.toLowerCase());
    const found =
      range === null
        ? []
        : await this.#connection.all<{ id: string }>(summaries.findRuns({ ...range, limit: LOOKUP_LIMIT }));
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
      const version = toVersionRecord((await session.get<VersionRow>(getVersion({ id: row.version })))!);
      return {
        run: recordOf(row),
        version,
        counts: parseCounts<TaskRunState>(row.counts),
        taskRuns: await taskRunsOf(session, row, version, outputs),
      };
    });
  }

  async attempts(runId: string): Promise<readonly AttemptRecord[]> {
    const uuid = toUuid(runId);
    if (uuid === null) return [];
    const rows = await this.#connection.all<AttemptRow>(listAttempts({ uuid }));
    return rows.map((row) => toAttempt({ ...row, task_name: fromStoredText(row.task_name) }));
  }

  async listWorkflows(): Promise<readonly WorkflowSummary[]> {
    const rows = await this.#connection.all<WorkflowRow>(listWorkflows());
    return rows.map((row) =>
      toWorkflow({
        ...row,
        name: fromStoredText(row.name),
        hash: fromStoredText(row.hash),
        file: fromStoredText(row.file),
        run_id: row.run_id === null ? null : fromUuid(row.run_id),
      }),
    );
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #workflow(name: string): Promise<number | null> {
    return (await this.#connection.get<{ id: number }>(getWorkflowId({ name: toStoredText(name) })))?.id ?? null;
  }

  async #runs(
    workflow: number | undefined,
    state: RunState | undefined,
    before: string,
    limit: number,
  ): Promise<RunSummary[]> {
    const page = { before, limit };
    const query =
      workflow === undefined
        ? state === undefined
          ? summaries.listRuns(page)
          : summaries.listRunsInState({ ...page, state })
        : state === undefined
          ? summaries.listRunsOfWorkflow({ ...page, workflow })
          : summaries.listRunsOfWorkflowInState({ ...page, workflow, state });
    return (await this.#connection.all<RunSummaryRow>(query)).map(summaryOf);
  }
}

/** What PostgreSQL writes otherwise: the id, and names that may hold U+0000. */
export const recordOf = (row: RunRow) =>
  toRunRecord({ ...row, id: fromUuid(row.id), workflow: fromStoredText(row.workflow) });

const summaryOf = (row: RunSummaryRow): RunSummary =>
  toRunSummary({
    ...row,
    id: fromUuid(row.id),
    workflow_name: fromStoredText(row.workflow_name),
    version_hash: fromStoredText(row.version_hash),
  });

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
