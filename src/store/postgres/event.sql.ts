import type { Instant } from "../../core/clock.ts";
import type { NewEvent } from "../events.ts";
import { sql } from "./sql.ts";

// Names, keys and partitions hold nothing that PostgreSQL's text does not (`core/event.ts`), so they stand here as they are.
// `workflows`: a JSON array of names; null: all.
export const listSubscriptions = (p: { workflows: string | null }) => sql("listSubscriptions")`
  select s.id, w.name as workflow, s.name, s.kind, w.latest_version as version, tutti.micros(s.due_at) as due_at,
    case when w.paused_at is null then tutti.micros(greatest(s.enabled_since, w.enabled_since)) end as enabled_since,
    (select count(*) from tutti.run r where r.workflow = w.id and r.held) as held
  from tutti.subscription s join tutti.workflow w on w.id = s.workflow
  where s.enabled_since is not null and w.retired_at is null and w.latest_version is not null
    and (${p.workflows}::json is null or w.name in (select json_array_elements_text(${p.workflows}::json)))
  order by w.name collate "C", s.name collate "C" limit 1000000`;

// The latest version's triggers as JSON: name, kind, subjects. One that is there anew begins anew.
export const keepSubscriptions = (p: { workflow: number; triggers: string; now: Instant }) => sql("keepSubscriptions")`
  insert into tutti.subscription as s (workflow, name, kind, enabled_since)
  select ${p.workflow}::bigint, t.name, t.kind, tutti.instant(${p.now}::bigint)
  from json_to_recordset(${p.triggers}::json) as t (name text, kind text)
  on conflict (workflow, name) do update set kind = excluded.kind, enabled_since = coalesce(s.enabled_since, excluded.enabled_since)`;

export const dropSubscriptions = (p: { workflow: number; triggers: string }) => sql("dropSubscriptions")`
  update tutti.subscription set enabled_since = null where workflow = ${p.workflow} and enabled_since is not null
    and name not in (select t.name from json_to_recordset(${p.triggers}::json) as t (name text))`;

export const dropSubjects = (p: { workflow: number }) => sql("dropSubjects")`
  delete from tutti.subscription_subject where subscription in (select id from tutti.subscription where workflow = ${p.workflow})`;

export const dropUpdates = (p: { workflow: number }) => sql("dropUpdates")`
  delete from tutti.subscription_update
  where subscription in (select id from tutti.subscription where workflow = ${p.workflow} and enabled_since is null)`;

export const insertSubjects = (p: { workflow: number; triggers: string }) => sql("insertSubjects")`
  insert into tutti.subscription_subject (kind, subject, subscription)
  select distinct s.kind, j.subject, s.id from json_to_recordset(${p.triggers}::json) as t (name text, subjects json)
  join tutti.subscription s on s.workflow = ${p.workflow} and s.name = t.name,
  json_array_elements_text(t.subjects) as j (subject)`;

export const insertEvent = (p: Omit<NewEvent, "runId"> & { run: string | null }) => sql("insertEvent")`
  insert into tutti.event (uid, kind, name, payload, key, partition, run, at, pending)
  values (${p.uid}, ${p.kind}, ${p.name}, ${p.payload}, ${p.key}, ${p.partition}, ${p.run}::uuid, tutti.instant(${p.at}::bigint), false)
  on conflict (uid) do nothing`;

export const getEventByUid = (p: { uid: string }) =>
  sql("getEventByUid")`select id from tutti.event where uid = ${p.uid}`;

// In the order of their ids, so that two of these cannot wait for each other.
export const deliverEvents = (p: { ids: string }) => sql("deliverEvents")`
  update tutti.event e set pending = false
  from (select id from tutti.event where id = any (${p.ids}::bigint[]) and pending order by id for update) l where e.id = l.id
  returning e.id`;

export const listPending = (p: { limit: number }) => sql("listPending")`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow,
    tutti.micros(r.interval_start) as interval_start, tutti.micros(r.interval_end) as interval_end, r.date, r.timezone, p.cause
  from tutti.event e left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  left join tutti.run_params p on p.run = r.seq
  where e.pending order by e.id limit ${p.limit}`;

export interface LockRow {
  readonly id: number;
  readonly workflow: string;
  readonly version: number;
  readonly paused: boolean;
}

// The workflow first and in order: it stands for all of its subscriptions, and whoever pauses or deploys it waits, or is waited for.
export const lockSubscriptions = (p: { ids: string }) => sql("lockSubscriptions")`
  select s.id, w.name as workflow, w.latest_version as version, w.paused_at is not null as paused
  from (
    select * from tutti.workflow where id in (select workflow from tutti.subscription where id = any (${p.ids}::bigint[]))
    order by id for no key update
  ) w join tutti.subscription s on s.workflow = w.id
  where s.id = any (${p.ids}::bigint[]) and s.enabled_since is not null and w.retired_at is null and w.latest_version is not null`;

export interface KeyRow {
  readonly run: string | null;
}

export const getKey = (p: { subscription: number; key: string; now: Instant | null }) => sql("getKey")`
  select run from tutti.event_key
  where subscription = ${p.subscription} and key = ${p.key} and until > coalesce(tutti.instant(${p.now}::bigint), now())`;

export const putKey = (p: {
  subscription: number;
  key: string;
  run: string | null;
  now: Instant | null;
  forMs: number;
}) => sql("putKey")`
  insert into tutti.event_key (subscription, key, run, until)
  values (${p.subscription}, ${p.key}, ${p.run}::uuid,
    coalesce(tutti.instant(${p.now}::bigint), now()) + ${p.forMs}::float8 * interval '1 millisecond')
  on conflict (subscription, key) do update set run = excluded.run, until = excluded.until`;

export const putUpdate = (p: { subscription: number; asset: string; event: string }) => sql("putUpdate")`
  insert into tutti.subscription_update (subscription, asset, event) values (${p.subscription}, ${p.asset}, ${p.event})
  on conflict (subscription, asset) do update set event = excluded.event`;

export const listUpdates = (p: { subscription: number }) => sql("listUpdates")`
  select asset, event from tutti.subscription_update where subscription = ${p.subscription} order by asset collate "C" limit 100000`;

export const clearUpdates = (p: { subscription: number }) =>
  sql("clearUpdates")`delete from tutti.subscription_update where subscription = ${p.subscription}`;

export const startRun = (p: {
  scheduler: number | null;
  /** `null`: a task run has asked for it. */
  subscription: number | null;
  held: number;
  cause: string;
  run: string;
}) => sql("startRun")`
  select tutti.start_run(${p.scheduler}::bigint, ${p.subscription}::bigint, (${p.held}::int = 1), ${p.cause}, ${p.run}::json) as started`;

export const getCause = (p: { uuid: string }) => sql("getCause")`
  select p.cause from tutti.run r join tutti.run_params p on p.run = r.seq where r.id = ${p.uuid}::uuid and p.cause is not null`;

export const takeTurn = (p: { id: number; now: Instant | null; leaseMs: number }) => sql("takeTurn")`
  update tutti.subscription s set revision = s.revision + 1,
    due_at = coalesce(tutti.instant(${p.now}::bigint), now()) + ${p.leaseMs}::float8 * interval '1 millisecond'
  from tutti.workflow w
  where s.id = ${p.id} and s.enabled_since is not null and w.id = s.workflow and w.paused_at is null and w.retired_at is null
    and (s.due_at is null or s.due_at <= coalesce(tutti.instant(${p.now}::bigint), now()))
  returning s.revision, s.cursor,
    s.cursor_since is null or s.cursor_since < greatest(s.enabled_since, w.enabled_since) as fresh`;

export const leaveTurn = (p: { id: number; revision: number; now: Instant | null; afterMs: number }) => sql(
  "leaveTurn",
)`
  update tutti.subscription
  set due_at = coalesce(tutti.instant(${p.now}::bigint), now()) + ${p.afterMs}::float8 * interval '1 millisecond'
  where id = ${p.id} and revision = ${p.revision}`;

export const advanceSource = (p: {
  id: number;
  revision: number;
  cursor: string;
  now: Instant | null;
  afterMs: number;
}) => sql("advanceSource")`
  update tutti.subscription s set revision = s.revision + 1, cursor = ${p.cursor},
    cursor_since = coalesce(tutti.instant(${p.now}::bigint), now()),
    due_at = coalesce(tutti.instant(${p.now}::bigint), now()) + ${p.afterMs}::float8 * interval '1 millisecond'
  from tutti.workflow w
  where s.id = ${p.id} and s.revision = ${p.revision} and s.enabled_since is not null and w.id = s.workflow
    and w.paused_at is null and w.retired_at is null`;

export const getMark = () => sql("getMark")`select pg_current_snapshot()::text as mark`;

// What a snapshot did not see came after it, whatever its number. Who began to write before it has a lower one, and may be among them.
export const listEmitted = (p: { name: string; after: string; limit: number }) => sql("listEmitted")`
  select id, kind, name, payload, key, partition, run, tutti.micros(at) as at from tutti.event
  where kind in ('event', 'approval', 'run', 'refused') and name = ${p.name} and tx >= pg_snapshot_xmin(${p.after}::pg_snapshot)
    and not pg_visible_in_snapshot(tx, ${p.after}::pg_snapshot)
  order by tx, id limit ${p.limit}`;

export const listRecent = (p: { kind: string | null; workflows: string | null; before: number; limit: number }) => sql(
  "listRecent",
)`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow
  from tutti.event e left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  where e.id < ${p.before} and (${p.kind}::text is null or e.kind = ${p.kind})
    and (${p.workflows}::text is null or w.name in (select json_array_elements_text(${p.workflows}::json)))
  order by e.id desc limit ${p.limit}`;

export const listNamed = (p: {
  kind: string;
  name: string;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listNamed")`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow
  from tutti.event e left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  where e.kind = ${p.kind} and e.name = ${p.name} and e.id < ${p.before}
    and (${p.workflows}::text is null or w.name in (select json_array_elements_text(${p.workflows}::json)))
  order by e.id desc limit ${p.limit}`;

// The last word about an asset, and of each of its checks, stays: who asks how fresh it is asks for that.
export const deleteEvents = (p: { before: Instant; limit: number }) => sql("deleteEvents")`
  delete from tutti.event where id in (
    select e.id from tutti.event e where not e.pending and e.at < tutti.instant(${p.before}::bigint)
      and (e.kind <> 'asset' or exists (select 1 from tutti.event l where l.kind = 'asset' and l.name = e.name and l.id > e.id))
      and (e.kind <> 'check' or exists (select 1 from tutti.event l where l.kind = 'check' and l.name = e.name and l.key = e.key and l.id > e.id))
    order by e.at limit ${p.limit} for update skip locked
  )`;

export const deleteKeys = (p: { now: Instant | null; limit: number }) => sql("deleteKeys")`
  delete from tutti.event_key where (subscription, key) in (
    select subscription, key from tutti.event_key where until <= coalesce(tutti.instant(${p.now}::bigint), now())
    limit ${p.limit} for update skip locked
  )`;
