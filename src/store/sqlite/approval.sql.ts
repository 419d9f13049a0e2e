import { sql } from "./sql.ts";

// Only a task run that is at work in a run that is may ask: no index is needed for what few do.
export const listAsking = (p: { taskRun: number | null; limit: number }) => sql("listAsking")`
  select t.id, t.map_index, t.state, t.result, r.id as run, w.name as workflow, k.name as task
  from run r join task_run t on t.run = r.seq join task k on k.id = t.task join workflow w on w.id = r.workflow
  where r.state = 'running' and ${p.taskRun} is null and t.state in ('deferred', 'queued', 'running') and instr(t.result, '"approvals":[') > 0
  union all
  select t.id, t.map_index, t.state, t.result, r.id, w.name, k.name
  from task_run t join run r on r.seq = t.run join task k on k.id = t.task join workflow w on w.id = r.workflow
  where t.id = ${p.taskRun}
  limit ${p.limit}`;

/** `uids`: a JSON list. */
export const listAnswers = (p: { uids: string }) => sql("listAnswers")`
  select uid, payload, at from event where uid in (select value from json_each(${p.uids})) limit 1000000`;

export const hasTaskRun = (p: { id: number }) => sql("hasTaskRun")`select 1 as found from task_run where id = ${p.id}`;
