import { sql } from "./sql.ts";

// `is not null` reads no page of a large output.
export const listTaskRuns = (p: { run: number }) => sql("listTaskRuns")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, tutti.micros(queued_at) as queued_at,
    tutti.micros(claimed_at) as claimed_at, tutti.micros(started_at) as started_at, tutti.micros(ended_at) as ended_at,
    tutti.micros(due_at) as due_at, history, result, (output is not null)::int as has_output
  from tutti.task_run where run = ${p.run} limit 10000000`;

export const listTaskRunsWithOutputs = (p: { run: number }) => sql("listTaskRunsWithOutputs")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, tutti.micros(queued_at) as queued_at,
    tutti.micros(claimed_at) as claimed_at, tutti.micros(started_at) as started_at, tutti.micros(ended_at) as ended_at,
    tutti.micros(due_at) as due_at, history, result, (output is not null)::int as has_output, output
  from tutti.task_run where run = ${p.run} limit 10000000`;

export const listOutputs = (p: { ids: string }) => sql("listOutputs")`
  select id, result, output from tutti.task_run where id = any (${p.ids}::bigint[])`;

/** How many ids one number of the sequence stands for: its increment. */
export const ID_BLOCK = 1_000;

export const takeTaskRunIds = (p: { blocks: number }) => sql("takeTaskRunIds")`
  select nextval('tutti.task_run_id') as first from generate_series(1, ${p.blocks}::int)`;
