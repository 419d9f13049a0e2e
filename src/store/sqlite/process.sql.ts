import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface KeptProcess {
  readonly name: string;
  readonly instance: string;
  readonly facts: string;
  readonly leaseUntil: Instant;
  readonly now: Instant;
}

export const keepProcess = (p: KeptProcess) => sql("keepProcess")`
  insert into process (name, instance, facts, started_at, lease_until)
  values (${p.name}, ${p.instance}, ${p.facts}, ${p.now}, ${p.leaseUntil})
  on conflict (name) do update set instance = excluded.instance, facts = excluded.facts, lease_until = excluded.lease_until,
    started_at = case when instance = excluded.instance then started_at else excluded.started_at end
  where instance = excluded.instance or lease_until <= excluded.started_at
  returning (select id from identity limit 1) as store`;

export const deleteProcess = (p: { name: string; instance: string }) =>
  sql("deleteProcess")`delete from process where name = ${p.name} and instance = ${p.instance}`;

export const deleteDeadProcesses = (p: { deadSince: Instant }) =>
  sql("deleteDeadProcesses")`delete from process where lease_until < ${p.deadSince}`;

export const listProcesses = (p: { limit: number; now: Instant }) => sql("listProcesses")`
  select name, instance, facts, started_at, lease_until > ${p.now} as alive from process order by name limit ${p.limit}`;

export const getIdentity = () => sql("getIdentity")`select id from identity limit 1`;
