import { sql } from "./sql.ts";

// Only a task run that is at work in a run that is may ask: no index is needed for what few do.
export const listAsking = (p: { taskRun: number | null; limit: number }) => sql("listAsking")`
  select t.id, t.map_index, t.state, t.result, r.id as run, w.name as workflow, k.name as task
  from tutti.run r join tutti.task_run t on t.run = r.seq join tutti.task k on k.id = t.task join tutti.workflow w on w.id = r.workflow
  where r.state = 'running' and ${p.taskRun}::bigint is null and t.state in ('deferred', 'queued', 'running') and strpos(t.result, '"approvals":[') > 0
  union all
  select t.id, t.map_index, t.state, t.result, r.id, w.name, k.name
  from tutti.task_run t join tutti.run r on r.seq = t.run join tutti.task k on k.id = t.task join tutti.workflow w on w.id = r.workflow
  where t.id = ${p.taskRun}::bigint
  limit ${p.limit}`;

/** `uids`: a JSON list. */
export const listAnswers = (p: { uids: string }) => sql("listAnswers")`
  select uid, payload, tutti.micros(at) as at from tutti.event
  where uid in (select json_array_elements_text(${p.uids}::json)) limit 1000000`;

export const hasTaskRun = (p: { id: number }) =>
  sql("hasTaskRun")`select 1 as found from tutti.task_run where id = ${p.id}`;

export const getNow = () => sql("getNow")`select tutti.micros(now()) as now`;
