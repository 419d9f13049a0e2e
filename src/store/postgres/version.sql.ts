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
  insert into tutti.version (hash, workflow, bundle, file, outside, task_ids, created_at, used_at, manifest)
  values (${p.hash}, ${p.workflow}, ${p.bundle}, ${p.file}, ${p.outside}, ${p.taskIds}, tutti.instant(${p.createdAt}),
    tutti.instant(${p.createdAt}), ${p.manifest})
  on conflict do nothing`;

export const touchVersion = (p: { hash: string; file: string; now: Instant }) => sql("touchVersion")`
  update tutti.version set used_at = greatest(used_at, tutti.instant(${p.now})), file = ${p.file} where hash = ${p.hash}`;

export const getVersionByHash = (p: { hash: string }) => sql("getVersionByHash")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, tutti.micros(v.created_at) as created_at,
    v.manifest
  from tutti.version v join tutti.workflow w on w.id = v.workflow join tutti.bundle b on b.id = v.bundle
  where v.hash = ${p.hash}`;

export const getVersion = (p: { id: number }) => sql("getVersion")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, tutti.micros(v.created_at) as created_at,
    v.manifest
  from tutti.version v join tutti.workflow w on w.id = v.workflow join tutti.bundle b on b.id = v.bundle
  where v.id = ${p.id}`;

export const getLatestVersion = (p: { workflow: string }) => sql("getLatestVersion")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, tutti.micros(v.created_at) as created_at,
    v.manifest
  from tutti.workflow w
  join tutti.version v on v.id = coalesce(w.latest_version, (select max(id) from tutti.version where workflow = w.id))
  join tutti.bundle b on b.id = v.bundle
  where w.name = ${p.workflow}`;

// Never one that a run is or was pinned to; nor, unless the workflow was retired before, its newest and the one that its schedules run.
export const deleteUnusedVersions = (p: { usedBefore: Instant; limit: number }) => sql("deleteUnusedVersions")`
  delete from tutti.version where id in (
    select v.id from tutti.version v join tutti.workflow w on w.id = v.workflow
    where v.used_at < tutti.instant(${p.usedBefore})
      and (w.retired_at < tutti.instant(${p.usedBefore})
        or v.id is distinct from w.latest_version and v.id <> (select max(id) from tutti.version where workflow = v.workflow))
      and not exists (select from tutti.run where version = v.id)
      and not exists (select from tutti.run_past_version where version = v.id)
    limit ${p.limit}
    for update of v skip locked
  )`;

// Runs that have not ended are few, whatever the history: they are counted by their state.
export const listVersions = (p: { workflow: string; before: number | null; limit: number }) => sql("listVersions")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, tutti.micros(v.created_at) as created_at, v.manifest,
    v.id is not distinct from w.latest_version as latest, coalesce(r.runs, 0)::integer as unfinished_runs
  from tutti.workflow w
  join tutti.version v on v.workflow = w.id
  join tutti.bundle b on b.id = v.bundle
  left join (select version, count(*) as runs from tutti.run where state in ('queued', 'running') group by version) r on r.version = v.id
  where w.name = ${p.workflow} and (${p.before}::bigint is null or v.id < ${p.before})
  order by v.id desc
  limit ${p.limit}`;
