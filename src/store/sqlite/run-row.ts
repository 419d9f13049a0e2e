import type { TaskRunState } from "../../core/task-run-state.ts";
import type { RunSummary } from "../reader.ts";
import { parseCounts } from "../state-counts.ts";
import type { RunRecord } from "../store.ts";
import type { RunRow } from "./run.sql.ts";
import type { RunSummaryRow } from "./run-summary.sql.ts";

export const toRunRecord = (row: RunRow): RunRecord => ({
  ...common(row),
  workflow: row.workflow,
  revision: row.revision,
  paramsInput: row.params_input,
  params: row.params,
  paramsLists: row.params_lists === null ? null : (JSON.parse(row.params_lists) as RunRecord["paramsLists"]),
});

export const toRunSummary = (row: RunSummaryRow): RunSummary => ({
  ...common(row),
  workflow: row.workflow_name,
  version: row.version_hash,
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
});
