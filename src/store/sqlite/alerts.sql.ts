import type { Instant } from "../../core/clock.ts";
import type { fromAlert } from "../alerts.ts";
import { sql } from "./sql.ts";

// A message of the same kind that still gathers speaks for these as well. One that was told before makes the next one wait longer.
export const insertAlert = (p: ReturnType<typeof fromAlert>) => sql("insertAlert")`
  insert into alert (workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, state, due_at, once)
  select ${p.workflow}, ${p.run}, ${p.version}, ${p.event}, ${p.task}, ${p.handler}, ${p.receiver}, ${p.task_run}, ${p.attempt}, ${p.count},
    ${p.error}, ${p.at}, 'waiting',
    case when exists (select 1 from alert a where a.run = ${p.run} and a.handler = ${p.handler} and a.task = ${p.task} and a.event = ${p.event})
      then ${p.then_due_at} else ${p.due_at} end,
    ${p.once}
  where true
  on conflict (once) do nothing
  on conflict (run, handler, task, event) where state = 'waiting' and run is not null and undelivered is null do update set count = count + excluded.count`;

// People first: an address that does not answer must not keep them waiting.
export const claimAlerts = (p: { now: Instant; until: Instant; all: number; limit: number }) => sql("claimAlerts")`
  update alert set state = 'trying', claim = claim + 1, tries = tries + 1, due_at = ${p.until}
  where id in (
    select id from alert
    where (state = 'waiting' or state = 'trying') and (due_at <= ${p.now} or (${p.all} = 1 and state = 'waiting'))
    order by webhook is not null, due_at, id limit ${p.limit}
  )
  returning id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, due_at, state, tries,
    last_error, undelivered, delivered_at, webhook, payload`;

export const getNextDue = () => sql("getNextDue")`
  select min(due_at) as due_at from alert where state = 'waiting' or state = 'trying'`;

export const setDelivered = (p: { id: number; claim: number; at: Instant }) => sql("setDelivered")`
  update alert set state = 'delivered', delivered_at = ${p.at}, last_error = null where id = ${p.id} and claim = ${p.claim} and state = 'trying'`;

export const setUndelivered = (p: { id: number; claim: number; state: string; dueAt: Instant; error: string }) => sql(
  "setUndelivered",
)`
  update alert set state = ${p.state}, due_at = ${p.dueAt}, last_error = ${p.error}
  where id = ${p.id} and claim = ${p.claim} and state = 'trying'`;

// What waits for the same webhook waits with it: who does not answer one message is not asked with a thousand.
export const setBackWebhook = (p: { id: number; dueAt: Instant }) => sql("setBackWebhook")`
  update alert set due_at = ${p.dueAt}
  where webhook = (select webhook from alert where id = ${p.id}) and state = 'trying' and tries = 0 and due_at < ${p.dueAt}`;

// The same message, for somebody else.
export const copyAlert = (p: { id: number; handler: string; receiver: string; dueAt: Instant }) => sql("copyAlert")`
  insert into alert (workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, state, due_at, undelivered)
  select workflow, run, version, event, task, ${p.handler}, ${p.receiver}, task_run, attempt, count, error, at, 'waiting', ${p.dueAt},
    json_object('to', receiver, 'error', json(last_error))
  from alert where id = ${p.id}`;

export const tryAgain = (p: { id: number; now: Instant }) => sql("tryAgain")`
  update alert set state = 'trying', tries = 0, due_at = ${p.now} where id = ${p.id} and state = 'failed'`;

export const freeClaims = (p: { now: Instant }) =>
  sql(
    "freeClaims",
  )`update alert set due_at = ${p.now} where state = 'trying' and last_error is null and due_at > ${p.now}`;

export const listDurations = (p: { workflow: string; limit: number }) => sql("listDurations")`
  select (r.ended_at - r.started_at) / 1000.0 as ms
  from run r join workflow w on w.id = r.workflow
  where w.name = ${p.workflow} and r.state = 'succeeded' and r.generation = 1 and r.started_at is not null
  order by r.id desc limit ${p.limit}`;

export const deleteOldAlerts = (p: { before: Instant; limit: number }) => sql("deleteOldAlerts")`
  delete from alert where id in (
    select id from alert where (state = 'delivered' or state = 'failed') and at < ${p.before} order by id limit ${p.limit}
  )`;

// Of a run, and those that failed, are few among all, and have indexes of their own: "or null" would keep the planner from them.
export const listAlertsOfRun = (p: {
  run: string;
  states: string | null;
  webhook: number | null;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listAlertsOfRun")`
  select id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, due_at, state, tries,
    last_error, undelivered, delivered_at, webhook, payload
  from alert
  where run = ${p.run} and id < ${p.before} and (${p.states} is null or state in (select value from json_each(${p.states})))
    and (${p.webhook} is null or webhook = ${p.webhook}) and (${p.workflows} is null or workflow in (select value from json_each(${p.workflows})))
  order by id desc limit ${p.limit}`;

export const listFailedAlerts = (p: {
  webhook: number | null;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listFailedAlerts")`
  select id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, due_at, state, tries,
    last_error, undelivered, delivered_at, webhook, payload
  from alert
  where state = 'failed' and id < ${p.before} and (${p.webhook} is null or webhook = ${p.webhook})
    and (${p.workflows} is null or workflow in (select value from json_each(${p.workflows})))
  order by id desc limit ${p.limit}`;

export const listAlerts = (p: {
  states: string | null;
  webhook: number | null;
  workflows: string | null;
  before: number;
  limit: number;
}) => sql("listAlerts")`
  select id, claim, workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, due_at, state, tries,
    last_error, undelivered, delivered_at, webhook, payload
  from alert
  where id < ${p.before} and (${p.states} is null or state in (select value from json_each(${p.states})))
    and (${p.webhook} is null or webhook = ${p.webhook}) and (${p.workflows} is null or workflow in (select value from json_each(${p.workflows})))
  order by id desc limit ${p.limit}`;
