import { TuttiError } from "../../core/errors.ts";
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
import { type AttemptRow, listAttempts } from "./attempt.sql.ts";
import { toRunRecord, toRunSummary } from "./run-row.ts";
import * as summaries from "./run-summary.sql.ts";
import { getRun, type RunRow } from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { listTaskRuns, listTaskRunsWithOutputs, type TaskRunRow } from "./task-run.sql.ts";
import { toMapIndex, toOutput, toTaskRunRecord } from "./task-run-row.ts";
import { listTasksOfRun } from "./task.sql.ts";
import { toVersionRecord } from "./version-registry.ts";
import { getVersion, type VersionRow } from "./version.sql.ts";
import { getWorkflowId, listWorkflows, type WorkflowRow } from "./workflow.sql.ts";

/** After every id: ids are digits and lower-case letters. */
const AFTER_ALL = "~";
const ID_PREFIX = /^[0-9a-z]{1,26}$/;
const AMBIGUOUS_SHOWN = 5;

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
          summaries.findRuns({ from, to: `${from}${AFTER_ALL}`, limit: AMBIGUOUS_SHOWN + 1 }),
        )
      : [];
    if (found.length === 1) return found[0]!.id;
    throw found.length === 0
      ? notFound(prefix)
      : ambiguous(
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
    return this.#connection.all<summaries.RunSummaryRow>(query).map(toRunSummary);
  }

  #taskRuns(run: RunRow, version: VersionRecord, outputs: boolean): TaskRunDetail[] {
    const names = new Map(
      this.#connection
        .all<{ id: number; name: string }>(listTasksOfRun({ runId: run.id }))
        .map((task) => [task.id, task.name]),
    );
    const places = new Map(version.taskIds.map((id, place) => [id, place]));
    // A task that is gone from the version comes after those that are in it.
    const placeOf = (taskId: number): number => places.get(taskId) ?? version.taskIds.length + taskId;
    return this.#connection
      .all<TaskRunRow>(outputs ? listTaskRunsWithOutputs({ run: run.seq }) : listTaskRuns({ run: run.seq }))
      .map((row) => ({
        ...toTaskRunRecord(row),
        task: names.get(row.task) ?? "",
        output: toOutput(row)?.value ?? null,
      }))
      .toSorted((a, b) => placeOf(a.taskId) - placeOf(b.taskId) || (a.mapIndex ?? -1) - (b.mapIndex ?? -1));
  }
}

const toAttempt = (row: AttemptRow): AttemptRecord => ({
  taskRunId: row.task_run,
  task: row.task_name,
  mapIndex: toMapIndex(row.map_index),
  generation: row.generation,
  attempt: row.attempt,
  claim: row.claim,
  worker: row.worker,
  versionId: row.version,
  waitedFor: row.waited_for,
  queuedAt: row.queued_at,
  claimedAt: row.claimed_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  outcome: row.outcome,
  error: row.error === null ? null : (JSON.parse(row.error) as AttemptRecord["error"]),
});

const toWorkflow = (row: WorkflowRow): WorkflowSummary => ({
  name: row.name,
  version: row.hash,
  file: row.file,
  counts: parseCounts<RunState>(row.run_counts),
  lastRun:
    row.run_id === null ? null : { id: row.run_id, state: row.run_state as RunState, createdAt: row.run_created_at! },
});

const notFound = (prefix: string): TuttiError =>
  new TuttiError("RUN_NOT_FOUND", `There is no run "${prefix}". \`tutti runs\` lists them.`);

function ambiguous(prefix: string, ids: readonly string[]): TuttiError {
  const shown = ids.slice(0, AMBIGUOUS_SHOWN).map((id) => `"${id}"`);
  const rest = ids.length > AMBIGUOUS_SHOWN ? " and more" : "";
  return new TuttiError(
    "RUN_ID_AMBIGUOUS",
    `"${prefix}" stands for several runs: ${shown.join(", ")}${rest}. Give more characters.`,
  );
}
