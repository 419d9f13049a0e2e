import { STOP_KEY } from "../drawer-place.ts";
import { sql } from "./sql.ts";

// `is not null` reads no page of a large output.
export const listTaskRuns = (p: { run: number }) => sql("listTaskRuns")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, tutti.micros(queued_at) as queued_at,
    tutti.micros(claimed_at) as claimed_at, tutti.micros(started_at) as started_at, tutti.micros(ended_at) as ended_at,
    tutti.micros(due_at) as due_at, history, result, (output is not null)::int as has_output
  from tutti.task_run where run = ${p.run} limit 10000000`;

/** With what is to stop by itself: looked up for each that runs, which only who goes on with the run needs. */
// A subselect for a value, not for its being there, is looked up row by row: the table of states is never read whole.
export const listTaskRunsWithStops = (p: { run: number }) => sql("listTaskRunsWithStops")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, tutti.micros(queued_at) as queued_at,
    tutti.micros(claimed_at) as claimed_at, tutti.micros(started_at) as started_at, tutti.micros(ended_at) as ended_at,
    tutti.micros(due_at) as due_at, history, result, (output is not null)::int as has_output,
    case when t.state = 'running' then (
      select (s.value = t.claim::text)::int from tutti.task_state s where s.task_run = t.id and md5(s.key) = md5(${STOP_KEY}::text)
    ) end as stopping
  from tutti.task_run t where run = ${p.run} limit 10000000`;

export const listTaskRunsWithOutputs = (p: { run: number }) => sql("listTaskRunsWithOutputs")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, tutti.micros(queued_at) as queued_at,
    tutti.micros(claimed_at) as claimed_at, tutti.micros(started_at) as started_at, tutti.micros(ended_at) as ended_at,
    tutti.micros(due_at) as due_at, history, result, (output is not null)::int as has_output, output
  from tutti.task_run where run = ${p.run} limit 10000000`;

/** `runs`: UUIDs as a JSON array. */
export const countTaskStates = (p: { runs: string }) => sql("countTaskStates")`
  select r.id as uuid, t.task as "taskId", t.state, count(*) as count
  from json_array_elements_text(${p.runs}::json) as n (id) join tutti.run r on r.id = n.id::uuid
    join tutti.task_run t on t.run = r.seq
  group by r.id, t.task, t.state limit 10000000`;

/** `places`: rows of (uuid, task, map_index) as JSON. A place without a row is absent. */
export const listTaskRunsAt = (p: { places: string }) => sql("listTaskRunsAt")`
  select n.place, t.id, t.task, t.map_index, t.state, t.claim, t.attempt, t.generation, t.losses, t.worker, tutti.micros(t.queued_at) as queued_at,
    tutti.micros(t.claimed_at) as claimed_at, tutti.micros(t.started_at) as started_at, tutti.micros(t.ended_at) as ended_at,
    tutti.micros(t.due_at) as due_at, t.history, t.result, (t.output is not null)::int as has_output
  from json_to_recordset(${p.places}::json) as n (place integer, uuid uuid, task bigint, map_index integer)
    join tutti.run r on r.id = n.uuid
    join tutti.task_run t on t.run = r.seq and t.task = n.task and t.map_index = n.map_index`;

/** `claims`: rows of (task_run, claim) as JSON. `stop`: the key under which a task run keeps the claim that is to stop alone. */
export const listHeldClaims = (p: { claims: string; stop: string }) => sql("listHeldClaims")`
  select n.task_run, n.claim, r.cancel_requested::int as cancel_requested, exists (
    select from tutti.task_state s where s.task_run = n.task_run and md5(s.key) = md5(${p.stop}::text) and s.value = n.claim::text
  )::int as stop_requested
  from json_to_recordset(${p.claims}::json) as n (task_run bigint, claim integer)
    join tutti.task_run t on t.id = n.task_run and t.claim = n.claim and t.state = 'running'
    join tutti.run r on r.seq = t.run`;

export const listOutputs = (p: { ids: string }) => sql("listOutputs")`
  select id, result, output from tutti.task_run where id = any (${p.ids}::bigint[])`;

/** `ranges`: rows of (place, task, first, last) as JSON. */
export const listEnds = (p: { run: string; ranges: string; limit: number }) => sql("listEnds")`
  select t.task, t.map_index, t.state, t.result, t.output
  from json_to_recordset(${p.ranges}::json) as n (place integer, task bigint, first integer, last integer)
    join tutti.run r on r.id = ${p.run}::uuid
    join tutti.task_run t on t.run = r.seq and t.task = n.task and t.map_index between n.first and n.last
      and t.state in ('succeeded', 'failed', 'skipped', 'upstream_failed', 'cancelled', 'removed')
  order by n.place, t.map_index limit ${p.limit}`;

/** How many ids one number of the sequence stands for: its increment. */
export const ID_BLOCK = 1_000;

export const takeTaskRunIds = (p: { blocks: number }) => sql("takeTaskRunIds")`
  select nextval('tutti.task_run_id') as first from generate_series(1, ${p.blocks}::int)`;
