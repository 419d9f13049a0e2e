import { sql } from "./sql.ts";

export const insertTask = (p: { workflow: number; name: string }) => sql("insertTask")`
  insert into task (workflow, name) values (${p.workflow}, ${p.name}) on conflict do nothing`;

export const listTasks = (p: { workflow: number }) => sql("listTasks")`
  select id, name from task where workflow = ${p.workflow} limit 1000000`;

// All of the workflow: a run may hold tasks that its version no longer has.
export const listTasksOfRun = (p: { runId: string }) => sql("listTasksOfRun")`
  select t.id, t.name from task t join run r on r.workflow = t.workflow where r.id = ${p.runId} limit 1000000`;
