import type { NewAttempt } from "../store.ts";
import { sql } from "./sql.ts";

export interface AttemptKey {
  readonly revision: number;
  readonly place: number;
  readonly taskRun: number;
}

export const insertAttempt = (p: AttemptKey, a: NewAttempt, error: string | null) => sql("insertAttempt")`
  insert into attempt (task_run, revision, place, generation, attempt, claim, worker, version, waited_for,
    queued_at, claimed_at, started_at, ended_at, outcome, error)
  values (${p.taskRun}, ${p.revision}, ${p.place}, ${a.generation}, ${a.attempt}, ${a.claim}, ${a.worker}, ${a.versionId},
    ${a.waitedFor}, ${a.queuedAt}, ${a.claimedAt}, ${a.startedAt}, ${a.endedAt}, ${a.outcome}, ${error})`;

export const listAttempts = (p: { runId: string }) => sql("listAttempts")`
  select a.task_run, t.name as task_name, x.map_index, a.generation, a.attempt, a.claim, a.worker, a.version, a.waited_for,
    a.queued_at, a.claimed_at, a.started_at, a.ended_at, a.outcome, a.error
  from task_run x join attempt a on a.task_run = x.id join task t on t.id = x.task
  where x.run = (select seq from run where id = ${p.runId})
  order by a.revision, a.place
  limit 10000000`;
