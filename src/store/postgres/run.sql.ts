import { sql } from "./sql.ts";

export const getRun = (p: { uuid: string }) => sql("getRun")`
  select r.seq, r.id, r.version, r.state, r.generation, r.revision, r.trigger, tutti.micros(r.interval_start) as interval_start,
    tutti.micros(r.interval_end) as interval_end, r.date, r.timezone, r.cancel_requested::int as cancel_requested, r.timed_out::int as timed_out,
    tutti.micros(r.created_at) as created_at, tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at,
    tutti.counts_text(r.counts) as counts, r.scheduler,
    w.name as workflow, p.input as params_input, p.parsed as params, p.lists as params_lists, p.cause, b.id as backfill, q.partition
  from tutti.run r join tutti.workflow w on w.id = r.workflow left join tutti.run_params p on p.run = r.seq
    left join tutti.schedule_window x on x.id = r.window_id left join tutti.backfill b on b.seq = x.backfill
    left join tutti.run_partition q on q.run = r.id
  where r.id = ${p.uuid}`;

export const listUnfinishedRuns = () => sql("listUnfinishedRuns")`
  select id from tutti.run where state in ('queued', 'running') and not held order by id limit 1000000`;

export const listRuns = (p: { uuids: string }) => sql("listRuns")`
  select r.seq, r.id, r.version, r.state, r.generation, r.revision, r.trigger, tutti.micros(r.interval_start) as interval_start,
    tutti.micros(r.interval_end) as interval_end, r.date, r.timezone, r.cancel_requested::int as cancel_requested, r.timed_out::int as timed_out,
    tutti.micros(r.created_at) as created_at, tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at,
    tutti.counts_text(r.counts) as counts, w.name as workflow, p.input as params_input, p.parsed as params, p.lists as params_lists,
    p.cause, b.id as backfill, q.partition
  from tutti.run r join tutti.workflow w on w.id = r.workflow left join tutti.run_params p on p.run = r.seq
    left join tutti.schedule_window x on x.id = r.window_id left join tutti.backfill b on b.seq = x.backfill
    left join tutti.run_partition q on q.run = r.id
  where r.id = any (${p.uuids}::uuid[])`;

/** `runs`: a JSON array of `{ run, partition }`. */
export const putRunPartitions = (p: { runs: string }) => sql("putRunPartitions")`
  insert into tutti.run_partition (run, partition)
  select run, partition from json_to_recordset(${p.runs}::json) as x (run uuid, partition text) where partition is not null
  on conflict do nothing`;
