import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const listPools = () => sql("listPools")`
  select name, slots, declared, changed_at as changedAt, changed_by as changedBy,
    coalesce((select sum(h.slots) from limit_hold h where h.name = 'pool ' || p.name), 0) as used
  from pool p order by name limit 100000`;

export const getPool = (p: { name: string }) => sql("getPool")`
  select name, slots, declared, changed_at as changedAt, changed_by as changedBy,
    coalesce((select sum(h.slots) from limit_hold h where h.name = 'pool ' || p.name), 0) as used
  from pool p where name = ${p.name}`;

// The same number as the last time leaves a size as it is that somebody has changed since.
export const declarePool = (p: { name: string; slots: number; at: Instant }) => sql("declarePool")`
  insert into pool (name, slots, declared, changed_at, changed_by) values (${p.name}, ${p.slots}, ${p.slots}, ${p.at}, null)
  on conflict (name) do update set slots = excluded.slots, declared = excluded.declared, changed_at = excluded.changed_at, changed_by = null
  where declared is not excluded.declared`;

export const ensurePool = (p: { name: string; slots: number; at: Instant }) => sql("ensurePool")`
  insert into pool (name, slots, declared, changed_at, changed_by) values (${p.name}, ${p.slots}, null, ${p.at}, null) on conflict do nothing`;

/** `names`: a JSON list of those that are declared. */
export const forgetPools = (p: { names: string }) => sql("forgetPools")`
  update pool set declared = null where declared is not null and name not in (select value from json_each(${p.names}))`;

export const resizePool = (p: { name: string; slots: number; by: string; at: Instant }) => sql("resizePool")`
  update pool set slots = ${p.slots}, changed_at = ${p.at}, changed_by = ${p.by} where name = ${p.name}`;

export interface UsageRow {
  readonly name: string;
  readonly used: number;
  readonly max: number | null;
  readonly until: Instant | null;
}

/** `names`, `without`: JSON lists. What a rate has counted long enough counts no more. */
export const listUsage = (p: { names: string; without: string; now: Instant }) => sql("listUsage")`
  select n.value as name, coalesce(sum(h.slots), 0) as used, min(h.until) as until,
    (select slots from pool where pool.name = substr(n.value, 6) and n.value glob 'pool *') as max
  from json_each(${p.names}) n left join limit_hold h on h.name = n.value and (h.until is null or h.until > ${p.now})
    and (h.until is not null or h.task_run not in (select value from json_each(${p.without})))
  group by n.value`;

export const insertHold = (p: {
  name: string;
  taskRun: number;
  claim: number;
  slots: number;
  since: Instant;
  until: Instant | null;
}) => sql("insertHold")`
  insert or replace into limit_hold (name, task_run, claim, slots, since, until)
  values (${p.name}, ${p.taskRun}, ${p.claim}, ${p.slots}, ${p.since}, ${p.until})`;

/** `ids`: a JSON list. */
export const releaseHolds = (p: { ids: string }) =>
  sql(
    "releaseHolds",
  )`delete from limit_hold where until is null and task_run in (select value from json_each(${p.ids}))`;

export const deleteSpentHolds = (p: { name: string; now: Instant }) =>
  sql("deleteSpentHolds")`delete from limit_hold where name = ${p.name} and until <= ${p.now}`;

/** `ids`: a JSON list. */
export const listHeld = (p: { ids: string }) => sql("listHeld")`
  select distinct task_run as id from limit_hold where until is null and task_run in (select value from json_each(${p.ids})) limit 1000000`;

export interface HoldRow {
  readonly taskRun: number;
  readonly name: string;
  readonly slots: number;
}

/** `ids`: a JSON list. */
export const listOwnHolds = (p: { ids: string }) => sql("listOwnHolds")`
  select task_run as taskRun, name, slots from limit_hold where until is null and task_run in (select value from json_each(${p.ids}))
  limit 1000000`;

export const listHolders = (p: { name: string; limit: number }) => sql("listHolders")`
  select r.id as runId, t.id as taskRunId, w.name as workflow, k.name as task, t.map_index as mapIndex, h.slots, h.since
  from limit_hold h join task_run t on t.id = h.task_run join run r on r.seq = t.run join workflow w on w.id = r.workflow
    join task k on k.id = t.task
  where h.name = ${p.name} and h.until is null order by h.since, t.id limit ${p.limit}`;
