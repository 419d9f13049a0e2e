import type { AttemptRecord } from "./reader.ts";
import type { NewAttempt } from "./store.ts";
import { toMapIndex } from "./task-run-row.ts";

/** A row as every database hands it over. */
export interface AttemptRow {
  readonly task_run: number;
  readonly task_name: string;
  readonly map_index: number;
  readonly generation: number;
  readonly attempt: number;
  readonly claim: number;
  readonly worker: string | null;
  readonly version: number;
  readonly waited_for: number | null;
  readonly queued_at: number | null;
  readonly claimed_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number;
  readonly outcome: NewAttempt["outcome"];
  readonly error: string | null;
}

export const toAttempt = (row: AttemptRow): AttemptRecord => ({
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
