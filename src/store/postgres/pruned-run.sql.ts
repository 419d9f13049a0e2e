import type { Instant } from "../../core/clock.ts";
import type { RunState } from "../../core/run-state.ts";
import { sql } from "./sql.ts";

export interface PrunableRow {
  readonly seq: number;
  readonly uuid: string;
  readonly workflow: number;
  readonly state: RunState;
}

// Only ended runs are in the index; the state is the guard all the same. Whoever else prunes takes others.
export const listPrunableRuns = (p: { endedBefore: Instant; limit: number }) => sql("listPrunableRuns")`
  select seq, id as uuid, workflow, state from tutti.run
  where ended_at < tutti.instant(${p.endedBefore}) and ended_at is not null and state not in ('queued', 'running')
    -- What is to be opened again has not ended for good.
    and not exists (select from tutti.schedule_window x where x.id = run.window_id and x.reopens)
    -- A run that stays has a value of it.
    and not exists (
      select from tutti.cache_use u join tutti.run x on x.seq = u.run
      where u.source_run = run.seq and (x.ended_at is null or x.ended_at >= tutti.instant(${p.endedBefore}))
    )
  order by ended_at
  limit ${p.limit}
  for update skip locked`;

export const insertPrunedRuns = (p: { runs: string }) =>
  sql("insertPrunedRuns")`insert into tutti.pruned_run (run) select unnest(${p.runs}::bigint[])`;
export const deleteRunParams = (p: { runs: string }) =>
  sql("deleteRunParams")`delete from tutti.run_params where run = any (${p.runs}::bigint[])`;
/** `runs`: an array of ids. */
export const deleteRunPartitions = (p: { runs: string }) =>
  sql("deleteRunPartitions")`delete from tutti.run_partition where run = any (${p.runs}::uuid[])`;
export const deletePastVersions = (p: { runs: string }) =>
  sql("deletePastVersions")`delete from tutti.run_past_version where run = any (${p.runs}::bigint[])`;
export const deleteRuns = (p: { runs: string }) => sql("deleteRuns")`
  with gone as (
    delete from tutti.run where seq = any (${p.runs}::bigint[]) returning workflow, state
  )
  insert into tutti.run_count as n (workflow, state, shard, runs)
  select workflow, state, pg_backend_pid() % 16, -count(*) from gone group by 1, 2 order by 1, 2
  on conflict (workflow, state, shard) do update set runs = n.runs + excluded.runs`;

export const listPrunedRuns = (p: { limit: number }) =>
  sql("listPrunedRuns")`select run from tutti.pruned_run order by run limit ${p.limit} for update skip locked`;

export const sweepAttempts = (p: { run: number; limit: number }) => sql("sweepAttempts")`
  delete from tutti.attempt where (run, revision, place) in (
    select run, revision, place from tutti.attempt where run = ${p.run} limit ${p.limit}
  )`;

export const sweepTaskRuns = (p: { run: number; limit: number }) => sql("sweepTaskRuns")`
  with swept as (
    delete from tutti.task_run where id in (select id from tutti.task_run where run = ${p.run} limit ${p.limit}) returning id
  ), emptied as (
    delete from tutti.task_state s using swept where s.task_run = swept.id
  ), forgotten as (
    delete from tutti.cache_entry c using swept where c.task_run = swept.id
  ), given_back as (
    delete from tutti.cache_use u using swept where u.task_run = swept.id
  )
  select count(*) as swept from swept`;

export const sweepMessages = (p: { run: number }) => sql("sweepMessages")`
  with results as (delete from tutti.result where run = ${p.run}), offers as (delete from tutti.offer where run = ${p.run}),
    uses as (delete from tutti.cache_use where source_run = ${p.run})
  delete from tutti.pruned_run where run = ${p.run}`;
