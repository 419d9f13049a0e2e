import type { Instant } from "../../core/clock.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import { STOP_KEY } from "../drawer-place.ts";
import { sql } from "./sql.ts";

// `typeof` reads the length of a column, never the pages of a large one.
export const listTaskRuns = (p: { run: number }) => sql("listTaskRuns")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, queued_at, claimed_at, started_at, ended_at, due_at,
    history, result, typeof(output) = 'text' as has_output
  from task_run where run = ${p.run} limit 10000000`;

/** With what is to stop by itself: looked up for each that runs, which only who goes on with the run needs. */
export const listTaskRunsWithStops = (p: { run: number }) => sql("listTaskRunsWithStops")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, queued_at, claimed_at, started_at, ended_at, due_at,
    history, result, typeof(output) = 'text' as has_output,
    case when state = 'running' then (
      select s.value = cast(t.claim as text) from task_state s where s.task_run = t.id and s.key = ${STOP_KEY}
    ) end as stopping
  from task_run t where run = ${p.run} limit 10000000`;

export const listTaskRunsWithOutputs = (p: { run: number }) => sql("listTaskRunsWithOutputs")`
  select id, task, map_index, state, claim, attempt, generation, losses, worker, queued_at, claimed_at, started_at, ended_at, due_at,
    history, result, typeof(output) = 'text' as has_output, output
  from task_run where run = ${p.run} limit 10000000`;

export const countTaskStates = (p: { runId: string }) => sql("countTaskStates")`
  select task as taskId, state, count(*) as count from task_run
  where run = (select seq from run where id = ${p.runId}) group by task, state limit 10000000`;

export const getOutput = (p: { id: number }) =>
  sql("getOutput")`select result, output from task_run where id = ${p.id}`;

export const listEnds = (p: { runId: string; task: number; from: number; to: number; limit: number }) => sql(
  "listEnds",
)`
  select task, map_index, state, result, output from task_run
  where run = (select seq from run where id = ${p.runId}) and task = ${p.task} and map_index between ${p.from} and ${p.to}
    and state in ('succeeded', 'failed', 'skipped', 'upstream_failed', 'cancelled', 'removed')
  order by map_index limit ${p.limit}`;

/** Everything of a new row; `insertQueuedTaskRun` binds less. */
export interface NewTaskRunRow {
  readonly id: number;
  readonly run: number;
  readonly task: number;
  readonly mapIndex: number;
  readonly state: TaskRunState;
  readonly claim: number;
  readonly attempt: number;
  readonly generation: number;
  readonly worker: string | null;
  readonly queuedAt: Instant | null;
  readonly claimedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly result: string | null;
}

// A place that is taken already matches no row, as a guard does.
export const insertTaskRun = (p: NewTaskRunRow) => sql("insertTaskRun")`
  insert into task_run (id, run, task, map_index, state, claim, attempt, generation, worker, queued_at, claimed_at, ended_at, result)
  values (${p.id}, ${p.run}, ${p.task}, ${p.mapIndex}, ${p.state}, ${p.claim}, ${p.attempt}, ${p.generation}, ${p.worker},
    ${p.queuedAt}, ${p.claimedAt}, ${p.endedAt}, ${p.result})
  on conflict do nothing`;

// The batch insert of a fan-out: what it leaves out is the column's default.
export const insertQueuedTaskRun = (p: {
  id: number;
  run: number;
  task: number;
  mapIndex: number;
  generation: number;
  queuedAt: Instant | null;
}) =>
  sql("insertQueuedTaskRun")`
  insert into task_run (id, run, task, map_index, state, generation, queued_at)
  values (${p.id}, ${p.run}, ${p.task}, ${p.mapIndex}, 'queued', ${p.generation}, ${p.queuedAt})
  on conflict do nothing`;

/** The claim is the fencing token: a worker that lost the task run matches no row. `from` comes from the state table. */
export interface Fence {
  readonly id: number;
  readonly run: number;
  readonly claim: number;
  readonly from: TaskRunState;
}

export const claimTaskRun = (p: Fence & { worker: string; at: Instant }) => sql("claimTaskRun")`
  update task_run set state = 'running', claim = claim + 1, worker = ${p.worker}, claimed_at = ${p.at}, started_at = null, ended_at = null
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export interface FinishedRow {
  readonly state: TaskRunState;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  readonly losses: number;
  readonly result: string | null;
  readonly output: string | null;
}

export const finishTaskRun = (p: Fence & FinishedRow) => sql("finishTaskRun")`
  update task_run set state = ${p.state}, started_at = ${p.startedAt}, ended_at = ${p.endedAt}, losses = ${p.losses},
    result = ${p.result}, output = ${p.output}
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

// What it waits for stays until this attempt ends: `requeueTaskRun` leaves it.
export const deferTaskRun = (p: Fence & { dueAt: Instant; result: string }) => sql("deferTaskRun")`
  update task_run set state = 'deferred', due_at = ${p.dueAt}, losses = 0, result = ${p.result}
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export const retryTaskRun = (p: Fence & { attempt: number; dueAt: Instant; result: string | null }) => sql(
  "retryTaskRun",
)`
  update task_run set state = 'up_for_retry', attempt = ${p.attempt}, due_at = ${p.dueAt}, result = ${p.result}
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export const requeueTaskRun = (p: Fence & { losses: number; at: Instant }) => sql("requeueTaskRun")`
  update task_run set state = 'queued', queued_at = ${p.at}, losses = ${p.losses},
    worker = null, claimed_at = null, started_at = null, due_at = null
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export const queueTaskRun = (p: Fence & { at: Instant }) => sql("queueTaskRun")`
  update task_run set state = 'queued', queued_at = ${p.at}, result = null, due_at = null
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export const decideTaskRun = (p: Fence & { state: TaskRunState; at: Instant; result: string | null }) => sql(
  "decideTaskRun",
)`
  update task_run set state = ${p.state}, ended_at = ${p.at}, due_at = null, result = ${p.result}, output = null
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

// The claim goes on rising: whoever held the task run in the generation before still matches no row.
export const reopenTaskRun = (p: Fence & { generation: number; history: string | null }) => sql("reopenTaskRun")`
  update task_run set state = 'waiting', generation = ${p.generation}, history = ${p.history}, attempt = 1, losses = 0, worker = null,
    queued_at = null, claimed_at = null, started_at = null, ended_at = null, due_at = null, result = null, output = null
  where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = ${p.from}`;

export const getHeldTaskRun = (p: { id: number; run: number; claim: number }) => sql("getHeldTaskRun")`
  select 1 from task_run where id = ${p.id} and run = ${p.run} and claim = ${p.claim} and state = 'running'`;

export const forgiveLosses = (p: { id: number }) =>
  sql("forgiveLosses")`update task_run set losses = 0 where id = ${p.id} and losses > 0`;

export const getMaxTaskRunId = () => sql("getMaxTaskRunId")`select coalesce(max(id), 0) as id from task_run`;
