import { TuttiError } from "../core/errors.ts";
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
  readonly deployed: number;
  readonly retired: number;
  readonly paused_at: number | null;
  readonly paused_by: string | null;
  readonly run_id: string | null;
  readonly run_state: string | null;
  readonly run_created_at: number | null;
}

export const toWorkflow = (row: WorkflowRow): WorkflowSummary => ({
  name: row.name,
  version: row.hash,
  file: row.file,
  deployed: row.deployed === 1,
  retired: row.retired === 1,
  paused: row.paused_at === null ? null : { at: row.paused_at, by: row.paused_by ?? "" },
  counts: parseCounts<RunState>(row.run_counts),
  lastRun:
    row.run_id === null ? null : { id: row.run_id, state: row.run_state as RunState, createdAt: row.run_created_at! },
});

export const workflowUnknown = (workflow: string): TuttiError =>
  new TuttiError("WORKFLOW_NOT_REGISTERED", `Workflow "${workflow}" is not registered.`);
