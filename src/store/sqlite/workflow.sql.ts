import { sql } from "./sql.ts";

export const insertWorkflow = (p: { name: string }) => sql("insertWorkflow")`
  insert into workflow (name) values (${p.name}) on conflict do nothing`;

export const getWorkflowId = (p: { name: string }) =>
  sql("getWorkflowId")`select id from workflow where name = ${p.name}`;

export const setLatestVersion = (p: { workflow: number; version: number }) => sql("setLatestVersion")`
  update workflow set latest_version = ${p.version} where id = ${p.workflow}`;

export const getRunCounts = (p: { workflow: number }) => sql("getRunCounts")`
  select run_counts from workflow where id = ${p.workflow}`;

export const setRunCounts = (p: { workflow: number; counts: string }) => sql("setRunCounts")`
  update workflow set run_counts = ${p.counts} where id = ${p.workflow}`;

// The last run is the head of an index, whatever the number of runs.
export const listWorkflows = () => sql("listWorkflows")`
  select w.id, w.name, w.run_counts, v.hash, v.file, r.id as run_id, r.state as run_state, r.created_at as run_created_at
  from workflow w
  join version v on v.id = coalesce(w.latest_version, (select max(id) from version where workflow = w.id))
  left join run r on r.id = (select max(id) from run where workflow = w.id)
  order by w.name
  limit 100000`;
