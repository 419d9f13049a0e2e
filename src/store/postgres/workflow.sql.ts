import { sql } from "./sql.ts";

export const insertWorkflow = (p: { name: string }) => sql("insertWorkflow")`
  insert into tutti.workflow (name) values (${p.name}) on conflict do nothing`;

export const getWorkflowId = (p: { name: string }) =>
  sql("getWorkflowId")`select id from tutti.workflow where name = ${p.name}`;

export const setLatestVersion = (p: { workflow: number; version: number }) => sql("setLatestVersion")`
  update tutti.workflow set latest_version = ${p.version} where id = ${p.workflow}`;

// The last run is the head of an index, whatever the number of runs.
export const listWorkflows = () => sql("listWorkflows")`
  select w.id, w.name, v.hash, v.file, r.id as run_id, r.state as run_state, tutti.micros(r.created_at) as run_created_at,
    (select coalesce(json_object_agg(state, runs), '{}')::text
      from (select state, sum(runs) as runs from tutti.run_count where workflow = w.id group by state having sum(runs) <> 0) c) as run_counts
  from tutti.workflow w
  join tutti.version v on v.id = coalesce(w.latest_version, (select max(id) from tutti.version where workflow = w.id))
  left join lateral (select id, state, created_at from tutti.run where workflow = w.id order by id desc limit 1) r on true
  order by w.name collate "C"
  limit 100000`;
