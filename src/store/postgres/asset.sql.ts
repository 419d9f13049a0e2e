import { sql } from "./sql.ts";

// From name to name over the index, however many updates each has.
export const listAssetNames = (p: { limit: number }) => sql("listAssetNames")`
  with recursive known(name) as (
    select min(name) from tutti.event where kind = 'asset'
    union all
    select (select min(name) from tutti.event where kind = 'asset' and name > known.name) from known where known.name is not null
  )
  select name from known where name is not null order by name collate "C" limit ${p.limit}`;

// `names`: a JSON array.
export const listLatestUpdates = (p: { names: string; limit: number }) => sql("listLatestUpdates")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow, r.date, k.name as task
  from json_array_elements_text(${p.names}::json) n (name)
  join lateral (select * from tutti.event l where l.kind = 'asset' and l.name = n.name order by l.id desc limit 1) e on true
  left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  left join tutti.task_run t on t.id = case when e.uid like 'task %' then split_part(e.uid, ' ', 2)::bigint end left join tutti.task k on k.id = t.task
  order by e.name collate "C" limit ${p.limit}`;

export const listLastFindings = (p: { names: string; limit: number }) => sql("listLastFindings")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow, r.date, k.name as task
  from tutti.event e
  left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  left join tutti.task_run t on t.id = case when e.uid like 'task %' then split_part(e.uid, ' ', 2)::bigint end left join tutti.task k on k.id = t.task
  where e.id in (
    select max(id) from tutti.event where kind = 'check' and name in (select json_array_elements_text(${p.names}::json)) group by name, key
  )
  order by e.name collate "C", e.key collate "C" limit ${p.limit}`;

export const listUpdates = (p: { asset: string; partition: string | null; before: number; limit: number }) => sql(
  "listUpdates",
)`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow, r.date, k.name as task
  from tutti.event e
  left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  left join tutti.task_run t on t.id = case when e.uid like 'task %' then split_part(e.uid, ' ', 2)::bigint end left join tutti.task k on k.id = t.task
  where e.kind = 'asset' and e.name = ${p.asset} and e.id < ${p.before}::bigint and (${p.partition}::text is null or e.partition = ${p.partition})
  order by e.id desc limit ${p.limit}`;

export const listFindings = (p: {
  asset: string;
  check: string | null;
  run: string | null;
  before: number;
  limit: number;
}) => sql("listFindings")`
  select e.id, e.uid, e.name, e.payload, e.key, e.partition, e.run, tutti.micros(e.at) as at, w.name as workflow, r.date, k.name as task
  from tutti.event e
  left join tutti.run r on r.id = e.run left join tutti.workflow w on w.id = r.workflow
  left join tutti.task_run t on t.id = case when e.uid like 'task %' then split_part(e.uid, ' ', 2)::bigint end left join tutti.task k on k.id = t.task
  where e.kind = 'check' and e.name = ${p.asset} and e.id < ${p.before}::bigint
    and (${p.check}::text is null or e.key = ${p.check}) and (${p.run}::uuid is null or e.run = ${p.run}::uuid)
  order by e.id desc limit ${p.limit}`;

// The word is looked for first: a manifest is read only where it stands.
export const listWatchedVersions = (p: { limit: number }) => sql("listWatchedVersions")`
  select v.id, v.hash, w.name as workflow, b.hash as bundle_hash, v.file, v.outside, v.task_ids, tutti.micros(v.created_at) as created_at, v.manifest
  from tutti.workflow w join tutti.version v on v.id = w.latest_version join tutti.bundle b on b.id = v.bundle
  where w.retired_at is null and position('"freshness":' in v.manifest) > 0
  order by w.name collate "C" limit ${p.limit}`;
