import type { CachedValue } from "../core/cached-value.ts";
import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { CachedFrom, ListReports, StoredValue } from "../core/value.ts";
import type { Wait } from "../core/wait.ts";
import type { TaskRunEnd, TaskRunOutput, TaskRunRecord } from "./store.ts";

/** A row as every database hands it over. */
export interface TaskRunRow {
  readonly id: number;
  readonly task: number;
  readonly map_index: number;
  readonly state: TaskRunState;
  readonly claim: number;
  readonly attempt: number;
  readonly generation: number;
  readonly losses: number;
  readonly worker: string | null;
  readonly queued_at: number | null;
  readonly claimed_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly due_at: number | null;
  readonly history: string | null;
  readonly result: string | null;
  readonly has_output: number;
  /** Only where a run is loaded to go on with it. */
  readonly stopping?: number | null;
  /** Only where outputs are read. */
  readonly output?: string | null;
}

/** The rare parts of how a task run ended, in one column. */
interface PackedResult {
  readonly error?: ErrorData;
  readonly skipReason?: string;
  readonly arms?: readonly string[];
  readonly lists?: ListReports;
  readonly wait?: Wait;
  readonly firstClaim?: number;
  readonly cached?: CachedFrom;
  readonly frame?: { readonly uri: string; readonly bytes: number };
}

/** What outlives a generation. */
interface PackedHistory {
  readonly groupRetries: readonly number[];
  readonly discarded: number;
}

export const packEnd = (error: ErrorData | null, skipReason: string | null): string | null =>
  error === null && skipReason === null
    ? null
    : JSON.stringify({ error: error ?? undefined, skipReason: skipReason ?? undefined } satisfies PackedResult);

export function packResult(end: {
  readonly error: ErrorData | null;
  readonly skipReason: string | null;
  readonly arms: readonly string[] | null;
  readonly lists: ListReports | null;
  readonly output: StoredValue | null;
  readonly firstClaim?: number | null;
  readonly cached?: CachedFrom;
}): string | null {
  const frame = end.output?.kind === "frame" ? { uri: end.output.uri, bytes: end.output.bytes } : undefined;
  const { firstClaim = null, cached } = end;
  if (end.lists === null && end.arms === null && frame === undefined && firstClaim === null && cached === undefined)
    return packEnd(end.error, end.skipReason);
  return JSON.stringify({
    error: end.error ?? undefined,
    skipReason: end.skipReason ?? undefined,
    arms: end.arms ?? undefined,
    lists: end.lists ?? undefined,
    firstClaim: firstClaim ?? undefined,
    cached,
    frame,
  } satisfies PackedResult);
}

export const packWait = (wait: Wait): string => JSON.stringify({ wait } satisfies PackedResult);

export const packHistory = (history: PackedHistory): string | null =>
  history.discarded === 0 && history.groupRetries.length === 0
    ? null
    : JSON.stringify({ groupRetries: history.groupRetries, discarded: history.discarded });

const NO_RESULT: PackedResult = {};
const NO_HISTORY: PackedHistory = { groupRetries: [], discarded: 0 };

const unpackResult = (text: string | null): PackedResult =>
  text === null ? NO_RESULT : (JSON.parse(text) as PackedResult);

export function toTaskRunRecord(row: TaskRunRow): TaskRunRecord {
  const result = unpackResult(row.result);
  const history = row.history === null ? NO_HISTORY : (JSON.parse(row.history) as PackedHistory);
  return {
    id: row.id,
    taskId: row.task,
    mapIndex: toMapIndex(row.map_index),
    state: row.state,
    claim: row.claim,
    attempt: row.attempt,
    generation: row.generation,
    groupRetries: history.groupRetries,
    discarded: history.discarded,
    losses: row.losses,
    queuedAt: row.queued_at,
    claimedAt: row.claimed_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    dueAt: row.due_at,
    worker: row.worker,
    wait: result.wait ?? null,
    firstClaim: result.firstClaim ?? null,
    hasOutput: row.has_output === 1 || result.frame !== undefined,
    lists: result.lists ?? null,
    arms: result.arms ?? null,
    error: result.error ?? null,
    skipReason: result.skipReason ?? null,
    ...(result.cached && { cached: result.cached }),
    ...(row.stopping === 1 && { isStopping: true }),
  };
}

export function toOutput(row: {
  readonly result: string | null;
  readonly output?: string | null;
}): TaskRunOutput | null {
  const { frame, lists = null } = unpackResult(row.result);
  if (frame !== undefined) return { value: { kind: "frame", ...frame }, lists };
  return row.output === null || row.output === undefined
    ? null
    : { value: { kind: "inline", text: row.output }, lists };
}

/** As every database hands over how one ended. */
export type TaskRunEndRow = Pick<TaskRunRow, "task" | "map_index" | "state" | "result" | "output">;

export function toTaskRunEnd(row: TaskRunEndRow): TaskRunEnd {
  const { error = null, skipReason = null } = unpackResult(row.result);
  const output = toOutput(row)?.value ?? null;
  return { taskId: row.task, mapIndex: row.map_index, state: row.state, output, error, skipReason };
}

/** A value that others may take, as every database hands it over. */
export type CachedRow = Pick<TaskRunRow, "id" | "claim" | "result" | "output"> & { readonly made_at: Instant };

export function toCachedValue(runId: string, row: CachedRow): CachedValue {
  const { lists = null, arms = null, firstClaim = row.claim } = unpackResult(row.result);
  const from = { runId, taskRunId: row.id, claim: row.claim, firstClaim, madeAt: row.made_at };
  return { from, output: toOutput(row)?.value ?? null, lists, arms };
}

// A unique index takes any number of nulls, so "not mapped" is stored as -1.
export const toMapIndex = (stored: number): number | null => (stored === -1 ? null : stored);
export const fromMapIndex = (mapIndex: number | null): number => mapIndex ?? -1;
