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
    -- What is to be opened again has not ended for good.
    and not exists (select 1 from schedule_window x where x.id = run.window_id and x.reopens = 1)
    -- A run that stays has a value of it.
    and not exists (
      select 1 from cache_use u join run x on x.seq = u.run
      where u.source_run = run.seq and (x.ended_at is null or x.ended_at >= ${p.endedBefore})
    )
  order by ended_at
  limit ${p.limit}`;

export const getMaxPrunedRun = () => sql("getMaxPrunedRun")`select coalesce(max(run), 0) as run from pruned_run`;

export const insertPrunedRun = (p: { run: number }) =>
  sql("insertPrunedRun")`insert into pruned_run (run) values (${p.run})`;
export const deleteRunParams = (p: { run: number }) =>
  sql("deleteRunParams")`delete from run_params where run = ${p.run}`;
export const deleteRunPartition = (p: { runId: string }) =>
  sql("deleteRunPartition")`delete from run_partition where run = ${p.runId}`;
export const deletePastVersions = (p: { run: number }) =>
  sql("deletePastVersions")`delete from run_past_version where run = ${p.run}`;
export const deleteRunProgress = (p: { run: number }) =>
  sql("deleteRunProgress")`delete from run_progress where run = ${p.run}`;
export const deleteRun = (p: { run: number }) => sql("deleteRun")`delete from run where seq = ${p.run}`;

export const listPrunedRuns = (p: { limit: number }) =>
  sql("listPrunedRuns")`select run from pruned_run order by run limit ${p.limit}`;

export const listSweptTaskRuns = (p: { run: number; limit: number }) => sql("listSweptTaskRuns")`
  select id from task_run where run = ${p.run} limit ${p.limit}`;

export const deleteAttempts = (p: { taskRun: number }) =>
  sql("deleteAttempts")`delete from attempt where task_run = ${p.taskRun}`;
export const deleteTaskRun = (p: { id: number }) => sql("deleteTaskRun")`delete from task_run where id = ${p.id}`;

export const deletePrunedRun = (p: { run: number }) =>
  sql("deletePrunedRun")`delete from pruned_run where run = ${p.run}`;
