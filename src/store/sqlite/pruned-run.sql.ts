import type { Instant } from "../../core/clock.ts";
import type { RunState } from "../../core/run-state.ts";
import { sql } from "./sql.ts";

export interface PrunableRow {
  readonly seq: number;
  readonly id: string;
  readonly workflow: number;
  readonly state: RunState;
}

// Only ended runs are in the index; the state is the guard all the same.
export const listPrunableRuns = (p: { endedBefore: Instant; limit: number }) => sql("listPrunableRuns")`
  select seq, id, workflow, state from run
  where ended_at < ${p.endedBefore} and ended_at is not null and state <> 'queued' and state <> 'running'
  order by ended_at
  limit ${p.limit}`;

export const insertPrunedRun = (p: { run: number }) =>
  sql("insertPrunedRun")`insert into pruned_run (run) values (${p.run})`;
export const deleteRunParams = (p: { run: number }) =>
  sql("deleteRunParams")`delete from run_params where run = ${p.run}`;
export const deletePastVersions = (p: { run: number }) =>
  sql("deletePastVersions")`delete from run_past_version where run = ${p.run}`;
export const deleteRun = (p: { run: number }) => sql("deleteRun")`delete from run where seq = ${p.run}`;

export const listPrunedRuns = (p: { limit: number }) =>
  sql("listPrunedRuns")`select run from pruned_run order by run limit ${p.limit}`;

export const sweepAttempts = (p: { run: number; limit: number }) => sql("sweepAttempts")`
  delete from attempt where (run, revision, place) in (
    select run, revision, place from attempt where run = ${p.run} limit ${p.limit}
  )`;

export const listSweptTaskRuns = (p: { run: number; limit: number }) => sql("listSweptTaskRuns")`
  select id from task_run where run = ${p.run} limit ${p.limit}`;

export const deleteTaskRun = (p: { id: number }) => sql("deleteTaskRun")`delete from task_run where id = ${p.id}`;

export const deletePrunedRun = (p: { run: number }) =>
  sql("deletePrunedRun")`delete from pruned_run where run = ${p.run}`;
