import { sql } from "./sql.ts";

export const listAttempts = (p: { uuid: string }) => sql("listAttempts")`
  select a.task_run, t.name as task_name, x.map_index, a.generation, a.attempt, a.claim, a.worker, a.version, a.waited_for,
    tutti.micros(a.queued_at) as queued_at, tutti.micros(a.claimed_at) as claimed_at, tutti.micros(a.started_at) as started_at,
    tutti.micros(a.ended_at) as ended_at, a.outcome, a.error
  from tutti.attempt a join tutti.task_run x on x.id = a.task_run join tutti.task t on t.id = x.task
  where a.run = (select seq from tutti.run where id = ${p.uuid})
  order by a.revision, a.place
  limit 10000000`;
