import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

// `now`: of a test; else the database's clock, the only one that all of them share.
export const insertScheduler = (p: { name: string; leaseMs: number; now: Instant | null }) => sql("insertScheduler")`
  insert into tutti.scheduler (name, started_at, lease_until)
  select ${p.name}, t.now, t.now + ${p.leaseMs}::float8 * interval '1 millisecond' from (select coalesce(tutti.instant(${p.now}), now()) as now) t
  returning id`;

// A lease that has ended stays so: its runs may be others' by now.
export const renewScheduler = (p: { id: number; leaseMs: number; now: Instant | null }) => sql("renewScheduler")`
  update tutti.scheduler s set lease_until = t.now + ${p.leaseMs}::float8 * interval '1 millisecond'
  from (select coalesce(tutti.instant(${p.now}), now()) as now) t
  where s.id = ${p.id} and s.lease_until > t.now`;

export const freeRunsOf = (p: { id: number }) => sql("freeRunsOf")`
  update tutti.run set scheduler = null, revision = revision + 1 where scheduler = ${p.id} and state in ('queued', 'running')`;

export const deleteScheduler = (p: { id: number }) =>
  sql("deleteScheduler")`delete from tutti.scheduler where id = ${p.id}`;

// Dead ones that hold nothing any more.
export const deleteDeadSchedulers = (p: { now: Instant | null }) => sql("deleteDeadSchedulers")`
  delete from tutti.scheduler s
  where s.lease_until < coalesce(tutti.instant(${p.now}), now()) - interval '1 day'
    and not exists (select from tutti.run r where r.scheduler = s.id and r.state in ('queued', 'running'))`;

// The revision rises, so that what the last holder still decides is dropped. Several that ask at once skip each other's rows.
export const takeRuns = (p: { scheduler: number; limit: number; only: string | null; now: Instant | null }) =>
  sql("takeRuns")`
  with free as (
    select r.seq from tutti.run r
    where r.state in ('queued', 'running') and not r.held and (${p.only}::uuid[] is null or r.id = any (${p.only}::uuid[]))
      and (r.scheduler is null or not exists (
        select from tutti.scheduler s where s.id = r.scheduler and s.lease_until > coalesce(tutti.instant(${p.now}), now())
      ))
      and exists (select from tutti.scheduler s where s.id = ${p.scheduler} and s.lease_until > coalesce(tutti.instant(${p.now}), now()))
    order by r.id
    limit ${p.limit}
    for no key update of r skip locked
  )
  update tutti.run r set scheduler = ${p.scheduler}, revision = r.revision + 1 from free where r.seq = free.seq
  returning r.id as uuid`;

export const listHeldRuns = (p: { scheduler: number }) => sql("listHeldRuns")`
  select id as uuid from tutti.run where scheduler = ${p.scheduler} and state in ('queued', 'running') order by id limit 1000000`;
