import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface WorkerRow {
  readonly name: string;
  readonly queues: string;
  readonly slots: number;
  readonly labels: string;
  readonly release: string;
  readonly refusals: string;
}

export const keepWorker = (p: WorkerRow & { leaseMs: number; now: Instant | null }) => sql("keepWorker")`
  insert into tutti.worker as w (name, queues, slots, labels, release, refusals, started_at, lease_until)
  select ${p.name}, ${p.queues}, ${p.slots}, ${p.labels}, ${p.release}, ${p.refusals}, t.now, t.now + ${p.leaseMs}::float8 * interval '1 millisecond'
  from (select coalesce(tutti.instant(${p.now}), now()) as now) t
  on conflict (name) do update set queues = excluded.queues, slots = excluded.slots, labels = excluded.labels, release = excluded.release,
    refusals = excluded.refusals, lease_until = excluded.lease_until`;

export const deleteWorker = (p: { name: string }) =>
  sql("deleteWorker")`delete from tutti.worker where name = ${p.name}`;

export const listWorkers = (p: { limit: number; now: Instant | null }) => sql("listWorkers")`
  select name, queues, slots, labels, release, refusals, lease_until > coalesce(tutti.instant(${p.now}), now()) as alive
  from tutti.worker order by name collate "C" limit ${p.limit}`;

export interface LostRow {
  readonly uuid: string;
  readonly task_run: number;
  readonly claim: number;
  readonly worker: string;
}

// `counts[3]`: running. Runs without any are not looked at.
export const listLostTaskRuns = (p: { scheduler: number; limit: number; now: Instant | null }) =>
  sql("listLostTaskRuns")`
  select r.id as uuid, t.id as task_run, t.claim, t.worker
  from tutti.run r join tutti.task_run t on t.run = r.seq
  where r.scheduler = ${p.scheduler} and r.state in ('queued', 'running') and r.counts[3] > 0 and t.state = 'running'
    and not exists (
      select from tutti.worker w where w.name = t.worker and w.lease_until > coalesce(tutti.instant(${p.now}), now())
    )
  order by t.id
  limit ${p.limit}`;

// Rare, so no index by worker is kept for it: all that runs is looked through. What has left a result waits for a scheduler.
export const listStrayTaskRuns = (p: { worker: string; limit: number }) => sql("listStrayTaskRuns")`
  select r.id as uuid, t.id as task_run, t.claim, t.worker
  from tutti.run r join tutti.task_run t on t.run = r.seq
  where r.state in ('queued', 'running') and r.counts[3] > 0 and t.state = 'running' and t.worker = ${p.worker}
    and not exists (select from tutti.result x where x.run = t.run and x.task_run = t.id and x.claim = t.claim)
  order by t.id
  limit ${p.limit}`;
