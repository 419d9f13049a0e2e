import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const addAlerts = (p: { alerts: string }) =>
  sql("addAlerts")`select tutti.add_alerts(${p.alerts}::json, '{}'::integer[])`;

// Several that ask at once skip each other's rows. People first: an address that does not answer must not keep them waiting.
export const claimAlerts = (p: { now: Instant | null; leaseMs: number; all: boolean; limit: number }) => sql(
  "claimAlerts",
)`
  update tutti.alert a
  set state = 'trying', claim = a.claim + 1, tries = a.tries + 1,
    due_at = coalesce(tutti.instant(${p.now}), now()) + ${p.leaseMs}::float8 * interval '1 millisecond'
  where a.id in (
    select b.id from tutti.alert b
    where b.state in ('waiting', 'trying')
      and (b.due_at <= coalesce(tutti.instant(${p.now}), now()) or (${String(p.all)}::boolean and b.state = 'waiting'))
    order by b.webhook is not null, b.due_at, b.id limit ${p.limit} for update skip locked
  )
  returning id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, tutti.micros(at) as at,
    tutti.micros(due_at) as due_at, state, tries, last_error, undelivered, tutti.micros(delivered_at) as delivered_at,
    webhook, payload`;

export const getNextDue = (p: { now: Instant | null }) => sql("getNextDue")`
  select tutti.micros(min(due_at)) - tutti.micros(coalesce(tutti.instant(${p.now}), now())) as due_in
  from tutti.alert where state in ('waiting', 'trying')`;

export const setDelivered = (p: { id: number; claim: number; at: Instant }) => sql("setDelivered")`
  update tutti.alert set state = 'delivered', delivered_at = tutti.instant(${p.at}), last_error = null
  where id = ${p.id} and claim = ${p.claim} and state = 'trying'`;

export const setUndelivered = (p: {
  id: number;
  claim: number;
  state: string;
  now: Instant | null;
  againMs: number;
  error: string;
}) => sql("setUndelivered")`
  update tutti.alert
  set state = ${p.state}, due_at = coalesce(tutti.instant(${p.now}), now()) + ${p.againMs}::float8 * interval '1 millisecond', last_error = ${p.error}
  where id = ${p.id} and claim = ${p.claim} and state = 'trying'`;

// What waits for the same webhook waits with it: who does not answer one message is not asked with a thousand.
export const setBackWebhook = (p: { id: number; now: Instant | null; againMs: number }) => sql("setBackWebhook")`
  update tutti.alert a set due_at = b.due_at
  from (select coalesce(tutti.instant(${p.now}), now()) + ${p.againMs}::float8 * interval '1 millisecond' as due_at) b
  where a.webhook = (select c.webhook from tutti.alert c where c.id = ${p.id}) and a.state = 'trying' and a.tries = 0 and a.due_at < b.due_at`;

// The same message, for somebody else.
export const copyAlert = (p: { id: number; handler: string; receiver: string; now: Instant | null }) => sql(
  "copyAlert",
)`
  insert into tutti.alert (workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, state, due_at, undelivered)
  select a.workflow, a.run, a.version, a.event, a.task, ${p.handler}, ${p.receiver}, a.task_run, a.attempt, a.count, a.error, a.at, 'waiting',
    coalesce(tutti.instant(${p.now}), now()), json_build_object('to', a.receiver, 'error', a.last_error::json)::text
  from tutti.alert a where a.id = ${p.id}`;

export const tryAgain = (p: { id: number; now: Instant | null }) => sql("tryAgain")`
  update tutti.alert set state = 'trying', tries = 0, due_at = coalesce(tutti.instant(${p.now}), now()) where id = ${p.id} and state = 'failed'`;

export const listDurations = (p: { workflow: string; limit: number }) => sql("listDurations")`
  select (tutti.micros(r.ended_at) - tutti.micros(r.started_at)) / 1000.0::float8 as ms
  from tutti.run r join tutti.workflow w on w.id = r.workflow
  where w.name = ${p.workflow} and r.state = 'succeeded' and r.generation = 1 and r.started_at is not null
  order by r.id desc limit ${p.limit}`;

export const listLostSchedulers = (p: { now: Instant | null }) => sql("listLostSchedulers")`
  select name, instance, facts from tutti.process
  where lease_until <= coalesce(tutti.instant(${p.now}), now()) and lease_until > coalesce(tutti.instant(${p.now}), now()) - interval '1 day'
    and (facts::json -> 'roles')::text like '%"scheduler"%'
  order by name limit 100`;

export const deleteOldAlerts = (p: { before: Instant; limit: number }) => sql("deleteOldAlerts")`
  delete from tutti.alert where id in (
    select id from tutti.alert where state in ('delivered', 'failed') and at < tutti.instant(${p.before}) order by id limit ${p.limit}
    for update skip locked
  )`;

// Few among all, with an index of their own, which the planner takes only where the state stands in words.
export const listFailedAlerts = (p: {
  run: string | null;
  webhook: number | null;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listFailedAlerts")`
  select id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, tutti.micros(at) as at,
    tutti.micros(due_at) as due_at, state, tries, last_error, undelivered, tutti.micros(delivered_at) as delivered_at,
    webhook, payload
  from tutti.alert
  where state = 'failed' and id < ${p.before}
    and (${p.run}::text is null or run = ${p.run})
    and (${p.webhook}::bigint is null or webhook = ${p.webhook})
    and (${p.workflows}::text is null or workflow in (select json_array_elements_text(${p.workflows}::json)))
  order by id desc limit ${p.limit}`;

export const listAlerts = (p: {
  states: string | null;
  run: string | null;
  webhook: number | null;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listAlerts")`
  select id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, tutti.micros(at) as at,
    tutti.micros(due_at) as due_at, state, tries, last_error, undelivered, tutti.micros(delivered_at) as delivered_at,
    webhook, payload
  from tutti.alert
  where id < ${p.before} and (${p.states}::text is null or state in (select json_array_elements_text(${p.states}::json)))
    and (${p.run}::text is null or run = ${p.run})
    and (${p.webhook}::bigint is null or webhook = ${p.webhook})
    and (${p.workflows}::text is null or workflow in (select json_array_elements_text(${p.workflows}::json)))
  order by id desc limit ${p.limit}`;
