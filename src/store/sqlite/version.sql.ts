import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface NewVersionRow {
  readonly hash: string;
  readonly workflow: number;
  readonly bundle: number;
  readonly file: string;
  readonly outside: string;
  readonly taskIds: string;
  readonly createdAt: Instant;
  readonly manifest: string;
}

export const insertVersion = (p: NewVersionRow) => sql("insertVersion")`
  insert into version (hash, workflow, bundle, file, outside, task_ids, created_at, used_at, manifest)
  values (${p.hash}, ${p.workflow}, ${p.bundle}, ${p.file}, ${p.outside}, ${p.taskIds}, ${p.createdAt}, ${p.createdAt}, ${p.manifest})`;

export const touchVersion = (p: { hash: string; file: string; now: Instant }) => sql("touchVersion")`
  update version set used_at = max(used_at, ${p.now}), file = ${p.file} where hash = ${p.hash}`;

export const getVersionByHash = (p: { hash: string }) => sql("getVersionByHash")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, v.created_at, v.manifest
  from version v join workflow w on w.id = v.workflow join bundle b on b.id = v.bundle
  where v.hash = ${p.hash}`;

export const getVersion = (p: { id: number }) => sql("getVersion")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, v.created_at, v.manifest
  from version v join workflow w on w.id = v.workflow join bundle b on b.id = v.bundle
  where v.id = ${p.id}`;

export const getLatestVersion = (p: { workflow: string }) => sql("getLatestVersion")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, v.created_at, v.manifest
  from workflow w
  join version v on v.id = coalesce(w.latest_version, (select max(id) from version where workflow = w.id))
  join bundle b on b.id = v.bundle
  where w.name = ${p.workflow}`;

// Runs that have not ended are few, whatever the history: they are counted by their state.
export const listVersions = (p: { workflow: string; before: number | null; limit: number }) => sql("listVersions")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, v.created_at, v.manifest,
    v.id is w.latest_version as latest, coalesce(r.runs, 0) as unfinished_runs
  from workflow w
  join version v on v.workflow = w.id
  join bundle b on b.id = v.bundle
  left join (select version, count(*) as runs from run where state in ('queued', 'running') group by version) r on r.version = v.id
  where w.name = ${p.workflow} and (${p.before} is null or v.id < ${p.before})
  order by v.id desc
  limit ${p.limit}`;

export const getWorkflowOfVersion = (p: { id: number }) => sql("getWorkflowOfVersion")`
  select workflow from version where id = ${p.id}`;

// Never the newest of a workflow, nor the one that its schedules run, nor one that a run is or was pinned to.
export const deleteUnusedVersions = (p: { usedBefore: Instant; limit: number }) => sql("deleteUnusedVersions")`
  delete from version where id in (
    select v.id from version v join workflow w on w.id = v.workflow
    where v.used_at < ${p.usedBefore}
      and (w.retired_at < ${p.usedBefore}
        or v.id is not w.latest_version and v.id <> (select max(id) from version where workflow = v.workflow))
      and not exists (select 1 from run where version = v.id)
      and not exists (select 1 from run_past_version where version = v.id)
    limit ${p.limit}
  )`;
