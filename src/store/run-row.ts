import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { RunSummary } from "./reader.ts";
import { parseCounts } from "./state-counts.ts";
import type { RunRecord, RunTrigger } from "./store.ts";

/** What a commit that changes the run itself needs to know before it writes. */
export interface RunHeadRow {
  readonly seq: number;
  readonly workflow: number;
  readonly version: number;
  readonly state: RunState;
  readonly generation: number;
  readonly revision: number;
  readonly cancel_requested: number;
  readonly timed_out: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly counts: string;
}

/** A row as every database hands it over. */
export interface RunRow extends Omit<RunHeadRow, "workflow"> {
  readonly id: string;
  readonly workflow: string;
  readonly trigger: RunTrigger;
  readonly interval_start: number;
  readonly interval_end: number;
  readonly date: string;
  readonly timezone: string;
  readonly created_at: number;
  readonly params_input: string | null;
  readonly params: string | null;
  readonly params_lists: string | null;
  readonly backfill: string | null;
  readonly partition: string | null;
  readonly cause: string | null;
}

export interface RunSummaryRow extends Omit<
  RunRow,
  "workflow" | "timed_out" | "params_input" | "params" | "params_lists" | "backfill" | "cause"
> {
  readonly held: number;
  readonly workflow_name: string;
  readonly version_hash: string;
}

export const toRunRecord = (row: RunRow): RunRecord => ({
  ...common(row),
  workflow: row.workflow,
  revision: row.revision,
  backfill: row.backfill,
  paramsInput: row.params_input,
  params: row.params,
  paramsLists: row.params_lists === null ? null : (JSON.parse(row.params_lists) as RunRecord["paramsLists"]),
  ...(row.timed_out === 1 && { timedOut: true }),
  ...(row.cause !== null && { cause: row.cause }),
});

export const toRunSummary = (row: RunSummaryRow): RunSummary => ({
  ...common(row),
  workflow: row.workflow_name,
  version: row.version_hash,
  held: row.held === 1,
  counts: parseCounts<TaskRunState>(row.counts),
});

const common = (row: RunRow | RunSummaryRow) => ({
  id: row.id,
  versionId: row.version,
  state: row.state,
  generation: row.generation,
  trigger: row.trigger,
  intervalStart: row.interval_start,
  intervalEnd: row.interval_end,
  date: row.date,
  timezone: row.timezone,
  cancelRequested: row.cancel_requested === 1,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  ...(row.partition !== null && { partition: row.partition }),
});
