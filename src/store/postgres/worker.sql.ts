import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface WorkerRow {
  readonly name: string;
  readonly queues: string;
  readonly slots: number;
  readonly labels: string;
  readonly release: string;
}

export const keepWorker = (p: WorkerRow & { leaseMs: number; now: Instant | null }) => sql("keepWorker")`
  insert into tutti.worker as w (name, queues, slots, labels, release, started_at, lease_until)
  select ${p.name}, ${p.queues}, ${p.slots}, ${p.labels}, ${p.release}, t.now, t.now + ${p.leaseMs}::float8 * interval '1 millisecond'
  from (select coalesce(tutti.instant(${p.now}), now()) as now) t
  on conflict (name) do update set queues = excluded.queues, slots = excluded.slots, labels = excluded.labels, release = excluded.release,
    lease_until = excluded.lease_until`;

export const deleteWorker = (p: { name: string }) =>
  sql("deleteWorker")`delete from tutti.worker where name = ${p.name}`;

export const listWorkers = (p: { limit: number; now: Instant | null }) => sql("listWorkers")`
  select name, queues, slots, labels, release, lease_until > coalesce(tutti.instant(${p.now}), now()) as alive
  from tutti.worker order by name collate "C" limit ${p.limit}`;
