import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const insertWorkflow = (p: { name: string }) => sql("insertWorkflow")`
  insert into workflow (name) values (${p.name}) on conflict do nothing`;

export const getWorkflowId = (p: { name: string }) =>
  sql("getWorkflowId")`select id from workflow where name = ${p.name}`;

// Registered for the first time, or again after it was gone, it is enabled from then on.
export const setLatestVersion = (p: { workflow: number; version: number; now: Instant }) => sql("setLatestVersion")`
  update workflow set latest_version = ${p.version}, retired_at = null,
    enabled_since = case when enabled_since is null or retired_at is not null then ${p.now} else enabled_since end
  where id = ${p.workflow}`;

export const listDeployed = () => sql("listDeployed")`
  select w.name, v.hash as latest, w.retired_at is not null as retired
  from workflow w left join version v on v.id = w.latest_version
  order by w.name limit 100000`;

export const listQueues = () => sql("listQueues")`
  select distinct t.value ->> 'queue' as queue
  from workflow w join version v on v.id = w.latest_version, json_each(v.manifest, '$.tasks') t
  where w.retired_at is null
  order by 1 nulls last limit 100000`;

export const retireWorkflow = (p: { name: string; at: Instant }) => sql("retireWorkflow")`
  update workflow set retired_at = ${p.at} where name = ${p.name}`;

// Of a retired one the last version may have been pruned.
export const forgetPrunedVersions = () => sql("forgetPrunedVersions")`
  update workflow set latest_version = null
  where retired_at is not null and latest_version is not null and not exists (select 1 from version v where v.id = latest_version)`;

export const getRunCounts = (p: { workflow: number }) => sql("getRunCounts")`
  select run_counts from workflow where id = ${p.workflow}`;

export const setRunCounts = (p: { workflow: number; counts: string }) => sql("setRunCounts")`
  update workflow set run_counts = ${p.counts} where id = ${p.workflow}`;

// `tags`: a JSON array.
export const listTagged = (p: { tags: string }) => sql("listTagged")`
  select w.name from workflow w
  join version v on v.id = coalesce(w.latest_version, (select max(id) from version where workflow = w.id))
  where exists (select 1 from json_each(v.manifest, '$.tags') t where t.value in (select value from json_each(${p.tags})))
  order by w.name limit 100000`;

// The last run is the head of an index, whatever the number of runs; what has not ended is counted in another. `name`: null: all.
export const listWorkflows = (p: { name: string | null }) => sql("listWorkflows")`
  with unfinished as materialized (
    select workflow, nullif(sum(state = 'queued'), 0) as queued, nullif(sum(state = 'running'), 0) as running
    from run where state = 'queued' or state = 'running' group by workflow
  )
  select w.id, w.name, json_patch(w.run_counts, json_object('queued', u.queued, 'running', u.running)) as run_counts, w.paused_at, w.paused_by, v.hash, v.file, w.latest_version is not null as deployed, w.retired_at is not null as retired, r.id as run_id, r.state as run_state, r.created_at as run_created_at
  from workflow w
  join version v on v.id = coalesce(w.latest_version, (select max(id) from version where workflow = w.id))
  left join run r on r.seq = (select seq from run where workflow = w.id order by id desc limit 1)
  left join unfinished u on u.workflow = w.id
  where ${p.name} is null or w.name = ${p.name}
  order by w.name
  limit 100000`;
