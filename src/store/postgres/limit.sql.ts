import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const listPools = () => sql("listPools")`
  select name, slots, declared, tutti.micros(changed_at) as "changedAt", changed_by as "changedBy",
    coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = 'pool ' || p.name), 0)::int as used
  from tutti.pool p order by name limit 100000`;

/** Locked until the end of the transaction. */
export const getPool = (p: { name: string }) => sql("getPool")`
  select name, slots, declared, tutti.micros(changed_at) as "changedAt", changed_by as "changedBy",
    coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = 'pool ' || p.name), 0)::int as used
  from tutti.pool p where name = ${p.name} for update`;

/** `pools`: (name, slots) as JSON. The same number as the last time leaves a size as it is that somebody has changed since. */
export const declarePools = (p: { pools: string; at: Instant }) => sql("declarePools")`
  with given as (
    select d.name, d.slots from json_to_recordset(${p.pools}::json) as d (name text, slots integer)
  ), gone as (
    update tutti.pool set declared = null where declared is not null and name not in (select name from given)
  )
  insert into tutti.pool as o (name, slots, declared, changed_at, changed_by)
  select g.name, g.slots, g.slots, tutti.instant(${p.at}), null from given g order by g.name
  on conflict (name) do update set slots = excluded.slots, declared = excluded.declared, changed_at = excluded.changed_at, changed_by = null
  where o.declared is distinct from excluded.declared`;

export const ensurePools = (p: { pools: string; at: Instant }) => sql("ensurePools")`
  insert into tutti.pool (name, slots, declared, changed_at, changed_by)
  select d.name, d.slots, null, tutti.instant(${p.at}), null from json_to_recordset(${p.pools}::json) as d (name text, slots integer) order by d.name
  on conflict do nothing`;

export const resizePool = (p: { name: string; slots: number; by: string; at: Instant }) => sql("resizePool")`
  update tutti.pool set slots = ${p.slots}, changed_at = tutti.instant(${p.at}), changed_by = ${p.by} where name = ${p.name}`;

export interface UsageRow {
  readonly name: string;
  readonly used: number;
  readonly max: number | null;
  readonly free_in_us: number | null;
}

/** `names`: a JSON list; `without`: an array as PostgreSQL writes it. What a rate has counted long enough counts no more. */
export const listUsage = (p: { names: string; without: string; now: Instant | null }) => sql("listUsage")`
  select name, used, max, free_in_us
  from tutti.limit_usage(${p.names}::json, ${p.without}::bigint[], coalesce(tutti.instant(${p.now}), now()))`;

/** `ids`: an array as PostgreSQL writes it. */
export const listHeld = (p: { ids: string }) => sql("listHeld")`
  select distinct task_run as id from tutti.limit_hold where until is null and task_run = any (${p.ids}::bigint[]) limit 1000000`;

export interface HolderRow {
  readonly uuid: string;
  readonly taskRunId: number;
  readonly workflow: string;
  readonly task: string;
  readonly mapIndex: number;
  readonly slots: number;
  readonly since: Instant;
}

export const listHolders = (p: { name: string; limit: number }) => sql("listHolders")`
  select r.id as uuid, t.id as "taskRunId", w.name as workflow, k.name as task, t.map_index as "mapIndex", h.slots, tutti.micros(h.since) as since
  from tutti.limit_hold h join tutti.task_run t on t.id = h.task_run join tutti.run r on r.seq = t.run
    join tutti.workflow w on w.id = r.workflow join tutti.task k on k.id = t.task
  where h.name = ${p.name} and h.until is null order by h.since, t.id limit ${p.limit}`;
