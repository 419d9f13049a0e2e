import { sql } from "./sql.ts";

// From name to name over the index, however many updates each has.
export const listAssetNames = (p: { limit: number }) => sql("listAssetNames")`
  with recursive known(name) as (
    select min(name) from event where kind = 'asset'
    union all
    select (select min(name) from event where kind = 'asset' and name > known.name) from known where known.name is not null
  )
  select name from known where name is not null order by name limit ${p.limit}`;

// `names`: a JSON array.
export const listLatestUpdates = (p: { names: string; limit: number }) => sql("listLatestUpdates")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow, r.date, k.name as task
  from json_each(${p.names}) n
  join event e on e.id = (select max(id) from event where kind = 'asset' and name = n.value)
  left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  left join task_run t on t.id = cast(substr(e.uid, 6) as integer) and e.uid like 'task %' left join task k on k.id = t.task
  order by e.name limit ${p.limit}`;

export const listLastFindings = (p: { names: string; limit: number }) => sql("listLastFindings")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow, r.date, k.name as task
  from event e
  left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  left join task_run t on t.id = cast(substr(e.uid, 6) as integer) and e.uid like 'task %' left join task k on k.id = t.task
  where e.id in (
    select max(id) from event where kind = 'check' and name in (select value from json_each(${p.names})) group by name, key
  )
  order by e.name, e.key limit ${p.limit}`;

export const listUpdates = (p: { asset: string; partition: string | null; before: number; limit: number }) => sql(
  "listUpdates",
)`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow, r.date, k.name as task
  from event e
  left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  left join task_run t on t.id = cast(substr(e.uid, 6) as integer) and e.uid like 'task %' left join task k on k.id = t.task
  where e.kind = 'asset' and e.name = ${p.asset} and e.id < ${p.before} and (${p.partition} is null or e.partition = ${p.partition})
  order by e.id desc limit ${p.limit}`;

export const listFindings = (p: {
  asset: string;
  check: string | null;
  run: string | null;
  before: number;
  limit: number;
}) => sql("listFindings")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, e.at, w.name as workflow, r.date, k.name as task
  from event e
  left join run r on r.id = e.run left join workflow w on w.id = r.workflow
  left join task_run t on t.id = cast(substr(e.uid, 6) as integer) and e.uid like 'task %' left join task k on k.id = t.task
  where e.kind = 'check' and e.name = ${p.asset} and e.id < ${p.before}
    and (${p.check} is null or e.key = ${p.check}) and (${p.run} is null or e.run = ${p.run})
  order by e.id desc limit ${p.limit}`;

// The word is looked for first: a manifest is read only where it stands.
export const listWatchedVersions = (p: { limit: number }) => sql("listWatchedVersions")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, v.created_at, v.manifest
  from workflow w join version v on v.id = w.latest_version join bundle b on b.id = v.bundle
  where w.retired_at is null and instr(v.manifest, '"freshness":') > 0
  order by w.name limit ${p.limit}`;
