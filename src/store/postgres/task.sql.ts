import { sql } from "./sql.ts";

export const insertTasks = (p: { workflow: number; names: string }) => sql("insertTasks")`
  insert into tutti.task (workflow, name) select ${p.workflow}, value from json_array_elements_text(${p.names}::json) order by value
  on conflict do nothing`;

export const listTasks = (p: { workflow: number }) => sql("listTasks")`
  select id, name from tutti.task where workflow = ${p.workflow} limit 1000000`;

// All of the workflow: a run may hold tasks that its version no longer has.
export const listTasksOfRun = (p: { run: number }) => sql("listTasksOfRun")`
  select t.id, t.name from tutti.task t join tutti.run r on r.workflow = t.workflow where r.seq = ${p.run} limit 1000000`;
