import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

/** `value`: as the group says it, JSON. */
export const putCacheEntry = (p: { taskRun: number; value: string }) => sql("putCacheEntry")`
  insert into cache_entry (task_run, run, task, key, generation, claim, made_at)
  select t.id, t.run, t.task, ${p.value} ->> 'key', t.generation, ${p.value} ->> 'claim', ${p.value} ->> 'madeAt'
  from task_run t where t.id = ${p.taskRun}
  on conflict do update set key = excluded.key, generation = excluded.generation, claim = excluded.claim,
    made_at = excluded.made_at`;

export const putCacheUse = (p: { taskRun: number; value: string }) => sql("putCacheUse")`
  insert into cache_use (task_run, run, source_run, source_task_run, source_first_claim, source_claim)
  select t.id, t.run, s.run, s.id, ${p.value} ->> 'firstClaim', ${p.value} ->> 'claim'
  from task_run t, task_run s where t.id = ${p.taskRun} and s.id = ${p.value} ->> 'taskRunId'
  on conflict do update set source_run = excluded.source_run, source_task_run = excluded.source_task_run,
    source_first_claim = excluded.source_first_claim, source_claim = excluded.source_claim`;

// It stands only while nothing has become of its task run since, and its run is there: rows of a pruned one are swept later.
// `keys`: a JSON list.
export const findCached = (p: { taskRun: number; task: number; keys: string; after: Instant }) => sql("findCached")`
  select t.id, t.claim, t.result, t.output, c.made_at, r.id as run
  from cache_entry c
    join task_run t on t.id = c.task_run and t.claim = c.claim and t.generation = c.generation and t.state = 'succeeded'
    join run r on r.seq = c.run
  where c.task = ${p.task} and c.key in (select value from json_each(${p.keys})) and c.made_at > ${p.after}
    and exists (
      select 1 from task_run me join run mine on mine.seq = me.run
      where me.id = ${p.taskRun} and coalesce(me.history ->> 'discarded', 0) = 0
        and not exists (select 1 from uncached_run u where u.run = mine.id)
    )
  order by c.made_at desc, c.task_run desc limit 1`;

export const putUncachedRun = (p: { runId: string }) => sql("putUncachedRun")`
  insert into uncached_run (run) values (${p.runId}) on conflict do nothing`;

export const listUsedRuns = (p: { since: Instant; limit: number }) => sql("listUsedRuns")`
  select distinct s.id from cache_use u join run s on s.seq = u.source_run join run x on x.seq = u.run
  where x.ended_at is null or x.ended_at >= ${p.since} limit ${p.limit}`;

export const listUsedAttempts = (p: { runId: string; limit: number }) => sql("listUsedAttempts")`
  select distinct u.source_task_run as task_run, u.source_first_claim as first_claim, u.source_claim as claim
  from cache_use u where u.source_run = (select seq from run where id = ${p.runId}) limit ${p.limit}`;

/** `runs`: a JSON list of ids. */
export const deleteCacheEntriesOf = (p: { runs: string }) => sql("deleteCacheEntriesOf")`
  delete from cache_entry where run in (select r.seq from run r where r.id in (select value from json_each(${p.runs})))`;

export const deleteCacheEntry = (p: { taskRun: number }) =>
  sql("deleteCacheEntry")`delete from cache_entry where task_run = ${p.taskRun}`;
export const deleteCacheUse = (p: { taskRun: number }) =>
  sql("deleteCacheUse")`delete from cache_use where task_run = ${p.taskRun}`;
export const deleteCacheUsesOf = (p: { run: number }) =>
  sql("deleteCacheUsesOf")`delete from cache_use where source_run = ${p.run}`;
export const deleteUncachedRun = (p: { runId: string }) =>
  sql("deleteUncachedRun")`delete from uncached_run where run = ${p.runId}`;
