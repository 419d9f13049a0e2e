import type { RunState } from "../core/run-state.ts";
import type { WorkflowSummary } from "./reader.ts";
import { parseCounts } from "./state-counts.ts";

/** A row as every database hands it over. */
export interface WorkflowRow {
  readonly id: number;
  readonly name: string;
  readonly run_counts: string;
  readonly hash: string;
  readonly file: string;
  readonly run_id: string | null;
  readonly run_state: string | null;
  readonly run_created_at: number | null;
}

export const toWorkflow = (row: WorkflowRow): WorkflowSummary => ({
  name: row.name,
  version: row.hash,
  file: row.file,
  counts: parseCounts<RunState>(row.run_counts),
  lastRun:
    row.run_id === null ? null : { id: row.run_id, state: row.run_state as RunState, createdAt: row.run_created_at! },
});
