import type { Instant } from "../../core/clock.ts";
import type { NewEvent } from "../events.ts";
import { sql } from "./sql.ts";

// `workflows`: a JSON array of names; null: all.
export const listSubscriptions = (p: { workflows: string | null }) => sql("listSubscriptions")`
  select s.id, w.name as workflow, s.name, s.kind, w.latest_version as version, s.due_at,
    case when w.paused_at is null then max(s.enabled_since, w.enabled_since) end as enabled_since,
    (select count(*) from run r where r.workflow = w.id and r.held = 1) as held
  from subscription s join workflow w on w.id = s.workflow
  where s.enabled_since is not null and w.retired_at is null and w.latest_version is not null
    and (${p.workflows} is null or w.name in (select value from json_each(${p.workflows})))
  order by w.name, s.name limit 1000000`;

// The latest version's triggers as JSON: name, kind, subjects. One that is there anew begins anew.
export const keepSubscriptions = (p: { workflow: number; triggers: string; now: Instant }) => sql("keepSubscriptions")`
  insert into subscription (workflow, name, kind, enabled_since)
  select ${p.workflow}, value ->> 'name', value ->> 'kind', ${p.now} from json_each(${p.triggers}) where true
  on conflict (workflow, name) do update set kind = excluded.kind, enabled_since = coalesce(subscription.enabled_since, excluded.enabled_since)`;

export const dropSubscriptions = (p: { workflow: number; triggers: string }) => sql("dropSubscriptions")`
  update subscription set enabled_since = null where workflow = ${p.workflow} and enabled_since is not null
    and name not in (select value ->> 'name' from json_each(${p.triggers}))`;

export const dropSubjects = (p: { workflow: number }) => sql("dropSubjects")`
  delete from subscription_subject where subscription in (select id from subscription where workflow = ${p.workflow})`;

export const dropUpdates = (p: { workflow: number }) => sql("dropUpdates")`
  delete from subscription_update
  where subscription in (select id from subscription where workflow = ${p.workflow} and enabled_since is null)`;

export const insertSubjects = (p: { workflow: number; triggers: string }) => sql("insertSubjects")`
  insert into subscription_subject (kind, subject, subscription)
  select s.kind, j.value, s.id from json_each(${p.triggers}) t
  join subscription s on s.workflow = ${p.workflow} and s.name = t.value ->> 'name', json_each(t.value, '$.subjects') j where true
  on conflict do nothing`;

export const insertEvent = (p: NewEvent & { pending: number }) => sql("insertEvent")`
  insert into event (uid, kind, name, payload, key, partition, run, at, pending)
  values (${p.uid}, ${p.kind}, ${p.name}, ${p.payload}, ${p.key}, ${p.partition}, ${p.runId}, ${p.at}, ${p.pending})
  on conflict do nothing`;

export const getEventByUid = (p: { uid: string }) => sql("getEventByUid")`select id from event where uid = ${p.uid}`;

// Its id and claim are its own: asked twice, it is there once.
export const insertEmitted = (p: { taskRun: number; place: string; value: string }) => sql("insertEmitted")`
  insert into event (uid, kind, name, payload, key, partition, run, at, pending)
  select 'task ' || t.id || ' ' || ${p.place}, ${p.value} ->> 'kind', ${p.value} ->> 'name', ${p.value} ->> 'payload', ${p.value} ->> 'key',
    ${p.value} ->> 'partition', r.id, ${p.value} ->> 'at', 1
  from task_run t join run r on r.seq = t.run where t.id = ${p.taskRun}
  on conflict do nothing`;

export const deliverEvent = (p: { id: number }) =>
  sql("deliverEvent")`update event set pending = 0 where id = ${p.id} and pending = 1`;

export const listPending = (p: { limit: number }) => sql("listPending")`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow, r.interval_start, r.interval_end, r.date, r.timezone, p.cause
  from event e left join run r on r.id = e.run left join workflow w on w.id = r.workflow left join run_params p on p.run = r.seq
  where e.pending = 1 order by e.id limit ${p.limit}`;

export interface LockRow {
  readonly workflow: string;
  readonly paused: number;
}

// The guard of a start: what it follows is still so.
export const getSubscription = (p: { id: number; version: number }) => sql("getSubscription")`
  select w.name as workflow, w.paused_at is not null as paused from subscription s join workflow w on w.id = s.workflow
  where s.id = ${p.id} and s.enabled_since is not null and w.latest_version = ${p.version} and w.retired_at is null`;

export interface KeyRow {
  readonly run: string | null;
}

export const getKey = (p: { subscription: number; key: string; now: Instant }) => sql("getKey")`
  select run from event_key where subscription = ${p.subscription} and key = ${p.key} and until > ${p.now}`;

export const putKey = (p: { subscription: number; key: string; run: string | null; until: Instant }) => sql("putKey")`
  insert into event_key (subscription, key, run, until) values (${p.subscription}, ${p.key}, ${p.run}, ${p.until})
  on conflict do update set run = excluded.run, until = excluded.until`;

export const putUpdate = (p: { subscription: number; asset: string; event: string }) => sql("putUpdate")`
  insert into subscription_update (subscription, asset, event) values (${p.subscription}, ${p.asset}, ${p.event})
  on conflict do update set event = excluded.event`;

export const listUpdates = (p: { subscription: number }) => sql("listUpdates")`
  select asset, event from subscription_update where subscription = ${p.subscription} order by asset limit 100000`;

export const clearUpdates = (p: { subscription: number }) =>
  sql("clearUpdates")`delete from subscription_update where subscription = ${p.subscription}`;

export const setRunSubscription = (p: { seq: number; subscription: number }) => sql("setRunSubscription")`
  update run set subscription = ${p.subscription} where seq = ${p.seq}`;

export const putCause = (p: { run: number; cause: string }) => sql("putCause")`
  insert into run_params (run, cause) values (${p.run}, ${p.cause}) on conflict do update set cause = excluded.cause`;

export const getCause = (p: { run: string }) => sql("getCause")`
  select p.cause from run r join run_params p on p.run = r.seq where r.id = ${p.run} and p.cause is not null`;

export interface TurnRow {
  readonly revision: number;
  readonly cursor: string | null;
  readonly fresh: number;
}

export const takeTurn = (p: { id: number; now: Instant; until: Instant }) => sql("takeTurn")`
  update subscription set revision = revision + 1, due_at = ${p.until}
  where id = ${p.id} and enabled_since is not null and (due_at is null or due_at <= ${p.now}) and exists (
    select 1 from workflow w where w.id = subscription.workflow and w.paused_at is null and w.retired_at is null
  )
  returning revision, cursor, cursor_since is null or cursor_since <
    max(enabled_since, (select w.enabled_since from workflow w where w.id = subscription.workflow)) as fresh`;

export const leaveTurn = (p: { id: number; revision: number; dueAt: Instant }) => sql("leaveTurn")`
  update subscription set due_at = ${p.dueAt} where id = ${p.id} and revision = ${p.revision}`;

export const advanceSource = (p: { id: number; revision: number; cursor: string; now: Instant; dueAt: Instant }) => sql(
  "advanceSource",
)`
  update subscription set revision = revision + 1, cursor = ${p.cursor}, cursor_since = ${p.now}, due_at = ${p.dueAt}
  where id = ${p.id} and revision = ${p.revision} and enabled_since is not null and exists (
    select 1 from workflow w where w.id = subscription.workflow and w.paused_at is null and w.retired_at is null
  )`;

export const getLastEvent = () =>
  sql("getLastEvent")`select coalesce(max(seq), 0) as id from sqlite_sequence where name = 'event'`;

export const listEmitted = (p: { name: string; after: number; limit: number }) => sql("listEmitted")`
  select id, kind, name, payload, key, partition, run, at from event
  where kind in ('event', 'approval', 'run', 'refused') and name = ${p.name} and id > ${p.after} order by id limit ${p.limit}`;

export const listRecent = (p: { kind: string | null; workflows: string | null; before: number; limit: number }) => sql(
  "listRecent",
)`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow
  from event e left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  where e.id < ${p.before} and (${p.kind} is null or e.kind = ${p.kind})
    and (${p.workflows} is null or w.name in (select value from json_each(${p.workflows})))
  order by e.id desc limit ${p.limit}`;

export const listNamed = (p: {
  kind: string;
  name: string;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listNamed")`
  select e.id, e.kind, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow
  from event e left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  where e.kind = ${p.kind} and e.name = ${p.name} and e.id < ${p.before}
    and (${p.workflows} is null or w.name in (select value from json_each(${p.workflows})))
  order by e.id desc limit ${p.limit}`;

// The last word about an asset, and of each of its checks, stays: who asks how fresh it is asks for that.
export const deleteEvents = (p: { before: Instant; limit: number }) => sql("deleteEvents")`
  delete from event where id in (
    select e.id from event e where e.pending = 0 and e.at < ${p.before}
      and (e.kind <> 'asset' or exists (select 1 from event l where l.kind = 'asset' and l.name = e.name and l.id > e.id))
      and (e.kind <> 'check' or exists (select 1 from event l where l.kind = 'check' and l.name = e.name and l.key = e.key and l.id > e.id))
    order by e.at limit ${p.limit}
  )`;

export const deleteKeys = (p: { now: Instant; limit: number }) => sql("deleteKeys")`
  delete from event_key where (subscription, key) in (select subscription, key from event_key where until <= ${p.now} limit ${p.limit})`;
