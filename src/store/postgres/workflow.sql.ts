import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const insertWorkflow = (p: { name: string }) => sql("insertWorkflow")`
  insert into tutti.workflow (name) values (${p.name}) on conflict do nothing`;

export const getWorkflowId = (p: { name: string }) =>
  sql("getWorkflowId")`select id from tutti.workflow where name = ${p.name}`;

// Registered for the first time, or again after it was gone, it is enabled from then on.
export const setLatestVersion = (p: { workflow: number; version: number; now: Instant }) => sql("setLatestVersion")`
  update tutti.workflow set latest_version = ${p.version}, retired_at = null,
    enabled_since = case when enabled_since is null or retired_at is not null then tutti.instant(${p.now}::bigint) else enabled_since end
  where id = ${p.workflow}`;

/** "deploy" in ASCII: one deployment after the other, until its transaction ends. */
const LOCK = 0x6465706c6f79;

export const lockDeployments = () => sql("lockDeployments")`select pg_advisory_xact_lock(${LOCK}::bigint)`;

export const listDeployed = () => sql("listDeployed")`
  select w.name, v.hash as latest, w.retired_at is not null as retired
  from tutti.workflow w left join tutti.version v on v.id = w.latest_version
  order by w.name collate "C" limit 100000`;

export const listQueues = () => sql("listQueues")`
  select distinct t ->> 'queue' as queue
  from tutti.workflow w join tutti.version v on v.id = w.latest_version, json_array_elements(v.manifest::json -> 'tasks') t
  where w.retired_at is null
  order by 1 limit 100000`;

export const retireWorkflow = (p: { name: string; at: Instant }) => sql("retireWorkflow")`
  update tutti.workflow set retired_at = tutti.instant(${p.at}) where name = ${p.name}`;

// Of a retired one the last version may have been pruned.
export const forgetPrunedVersions = () => sql("forgetPrunedVersions")`
  update tutti.workflow set latest_version = null
  where retired_at is not null and latest_version is not null and not exists (select 1 from tutti.version v where v.id = latest_version)`;

// The last run is the head of an index, whatever the number of runs.
// Its JSON can't be taken apart where a text in it holds U+0000: on both sides that is another character.
export const listTagged = (p: { tags: string }) => sql("listTagged")`
  select w.name from tutti.workflow w
  join tutti.version v on v.id = coalesce(w.latest_version, (select max(id) from tutti.version where workflow = w.id))
  where exists (
    select 1 from json_array_elements_text(replace(v.manifest, chr(92) || 'u0000', chr(92) || 'ufffd')::json -> 'tags') t
    where t in (select json_array_elements_text(replace(${p.tags}, chr(92) || 'u0000', chr(92) || 'ufffd')::json))
  )
  order by w.name collate "C" limit 100000`;

// `name`: null: all.
export const listWorkflows = (p: { name: string | null }) => sql("listWorkflows")`
  select w.id, w.name, tutti.micros(w.paused_at) as paused_at, w.paused_by, v.hash, v.file, (w.latest_version is not null)::int as deployed, (w.retired_at is not null)::int as retired, r.id as run_id, r.state as run_state, tutti.micros(r.created_at) as run_created_at,
    (select coalesce(json_object_agg(state, runs), '{}')::text
      from (select state, sum(runs) as runs from tutti.run_count where workflow = w.id group by state having sum(runs) <> 0) c) as run_counts
  from tutti.workflow w
  join tutti.version v on v.id = coalesce(w.latest_version, (select max(id) from tutti.version where workflow = w.id))
  left join lateral (select id, state, created_at from tutti.run where workflow = w.id order by id desc limit 1) r on true
  where ${p.name}::text is null or w.name = ${p.name}
  order by w.name collate "C"
  limit 100000`;
