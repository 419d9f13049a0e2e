import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

// It stands only while nothing has become of its task run since, and its run is there: rows of a pruned one are swept later.
// `keys`: an array.
export const findCached = (p: { taskRun: number; task: number; keys: string; after: Instant }) => sql("findCached")`
  select t.id, t.claim, t.result, t.output, tutti.micros(c.made_at) as made_at, r.id as run
  from tutti.cache_entry c
    join tutti.task_run t on t.id = c.task_run and t.claim = c.claim and t.generation = c.generation and t.state = 'succeeded'
    join tutti.run r on r.seq = c.run
  where c.task = ${p.task} and c.key = any (${p.keys}::text[]) and c.made_at > tutti.instant(${p.after}::bigint)
    and exists (
      select from tutti.task_run me join tutti.run mine on mine.seq = me.run
      where me.id = ${p.taskRun} and coalesce((me.history::json ->> 'discarded')::int, 0) = 0
        and not exists (select from tutti.uncached_run u where u.run = mine.id)
    )
  order by c.made_at desc, c.task_run desc limit 1`;

export const putUncachedRun = (p: { uuid: string }) => sql("putUncachedRun")`
  insert into tutti.uncached_run (run) values (${p.uuid}::uuid) on conflict do nothing`;

export const listUsedRuns = (p: { since: Instant; limit: number }) => sql("listUsedRuns")`
  select distinct s.id from tutti.cache_use u join tutti.run s on s.seq = u.source_run join tutti.run x on x.seq = u.run
  where x.ended_at is null or x.ended_at >= tutti.instant(${p.since}::bigint) limit ${p.limit}`;

export const listUsedAttempts = (p: { uuid: string; limit: number }) => sql("listUsedAttempts")`
  select distinct u.source_task_run as task_run, u.source_first_claim as first_claim, u.source_claim as claim
  from tutti.cache_use u where u.source_run = (select seq from tutti.run where id = ${p.uuid}::uuid) limit ${p.limit}`;

/** `runs`: an array of ids. */
export const deleteCacheEntriesOf = (p: { runs: string }) => sql("deleteCacheEntriesOf")`
  delete from tutti.cache_entry where run in (select r.seq from tutti.run r where r.id = any (${p.runs}::uuid[]))`;

/** `runs`: an array of ids. */
export const deleteUncachedRuns = (p: { runs: string }) => sql("deleteUncachedRuns")`
  delete from tutti.uncached_run where run = any (${p.runs}::uuid[])`;
