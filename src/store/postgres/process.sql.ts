import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface KeptProcess {
  readonly name: string;
  readonly instance: string;
  readonly facts: string;
  readonly leaseMs: number;
  readonly now: Instant | null;
}

// A living process keeps its name from another one: then no row comes back. The time is that of the answer, not of the transaction.
export const keepProcess = (p: KeptProcess) => sql("keepProcess")`
  insert into tutti.process as p (name, instance, facts, started_at, lease_until)
  select ${p.name}, ${p.instance}, ${p.facts}, t.now, t.now + ${p.leaseMs}::float8 * interval '1 millisecond'
  from (select coalesce(tutti.instant(${p.now}), now()) as now) t
  on conflict (name) do update set instance = excluded.instance, facts = excluded.facts, lease_until = excluded.lease_until,
    started_at = case when p.instance = excluded.instance then p.started_at else excluded.started_at end
  where p.instance = excluded.instance or p.lease_until <= excluded.started_at
  returning tutti.micros(clock_timestamp()) as now, (select id::text from tutti.identity limit 1) as store`;

export const deleteProcess = (p: { name: string; instance: string }) =>
  sql("deleteProcess")`delete from tutti.process where name = ${p.name} and instance = ${p.instance}`;

export const deleteDeadProcesses = (p: { now: Instant | null }) => sql("deleteDeadProcesses")`
  delete from tutti.process where lease_until < coalesce(tutti.instant(${p.now}), now()) - interval '1 day'`;

export const listProcesses = (p: { limit: number; now: Instant | null }) => sql("listProcesses")`
  select name, instance, facts, tutti.micros(started_at) as started_at,
    lease_until > coalesce(tutti.instant(${p.now}), now()) as alive
  from tutti.process order by name collate "C" limit ${p.limit}`;

export const getIdentity = () => sql("getIdentity")`select id::text as id from tutti.identity limit 1`;
