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
import { parseCounts } from "../state-counts.ts";
import type { VersionRecord } from "../store.ts";
import { type AttemptRow, toAttempt } from "../attempt-row.ts";
import { toWorkflow, type WorkflowRow } from "../workflow-row.ts";
import { LOOKUP_LIMIT, onlyRun } from "../run-lookup.ts";
import { listAttempts } from "./attempt.sql.ts";
import { type RunRow, type RunSummaryRow, toRunRecord, toRunSummary } from "../run-row.ts";
import * as summaries from "./run-summary.sql.ts";
import { getRun } from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { listTaskRuns, listTaskRunsWithOutputs } from "./task-run.sql.ts";
import { toTaskRunDetails } from "../task-run-detail.ts";
import type { TaskRunRow } from "../task-run-row.ts";
import { listTasksOfRun } from "./task.sql.ts";
import { toVersionRecord, type VersionRow } from "../version-row.ts";
import { getVersion } from "./version.sql.ts";
import { getWorkflowId, listWorkflows } from "./workflow.sql.ts";

/** After every id: ids are digits and lower-case letters. */
const AFTER_ALL = "~";
const ID_PREFIX = /^[0-9a-z]{1,26}$/;

/** Reads a store on a connection of its own, beside the owner's. */
export class SqliteReader implements StoreReader {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async listRuns({ workflow, states, limit, before = AFTER_ALL }: RunQuery): Promise<readonly RunSummary[]> {
    const id =
      workflow === undefined
        ? undefined
        : (this.#connection.get<{ id: number }>(getWorkflowId({ name: workflow }))?.id ?? null);
    if (id === null) return [];
    const perState = (states ?? [undefined]).map((state) => this.#runs(id, state, before, limit));
    return perState
      .flat()
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  async findRun(prefix: string): Promise<string> {
    const from = prefix.toLowerCase();
    const found = ID_PREFIX.test(from)
      ? this.#connection.all<{ id: string }>(
          summaries.findRuns({ from, to: `${from}${AFTER_ALL}`, limit: LOOKUP_LIMIT }),
        )
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
      const version = toVersionRecord(this.#connection.get<VersionRow>(getVersion({ id: row.version }))!);
      return {
        run: toRunRecord(row),
        version,
        counts: parseCounts<TaskRunState>(row.counts),
        taskRuns: this.#taskRuns(row, version, outputs),
      };
    });
  }

  async attempts(runId: string): Promise<readonly AttemptRecord[]> {
    return this.#connection.all<AttemptRow>(listAttempts({ runId })).map(toAttempt);
  }

  async listWorkflows(): Promise<readonly WorkflowSummary[]> {
    return this.#connection.all<WorkflowRow>(listWorkflows()).map(toWorkflow);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #runs(workflow: number | undefined, state: RunState | undefined, before: string, limit: number): RunSummary[] {
    const page = { before, limit };
    const query =
      workflow === undefined
        ? state === undefined
          ? summaries.listRuns(page)
          : summaries.listRunsInState({ ...page, state })
        : state === undefined
          ? summaries.listRunsOfWorkflow({ ...page, workflow })
          : summaries.listRunsOfWorkflowInState({ ...page, workflow, state });
    return this.#connection.all<RunSummaryRow>(query).map(toRunSummary);
  }

  #taskRuns(run: RunRow, version: VersionRecord, outputs: boolean): readonly TaskRunDetail[] {
    const names = this.#connection.all<{ id: number; name: string }>(listTasksOfRun({ runId: run.id }));
    const rows = this.#connection.all<TaskRunRow>(
      outputs ? listTaskRunsWithOutputs({ run: run.seq }) : listTaskRuns({ run: run.seq }),
    );
    return toTaskRunDetails(rows, names, version);
  }
}
