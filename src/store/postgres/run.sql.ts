import { sql } from "./sql.ts";

export const getRun = (p: { uuid: string }) => sql("getRun")`
  select r.seq, r.id, r.version, r.state, r.generation, r.revision, r.trigger, tutti.micros(r.interval_start) as interval_start,
    tutti.micros(r.interval_end) as interval_end, r.date, r.timezone, r.cancel_requested::int as cancel_requested,
    tutti.micros(r.created_at) as created_at, tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at,
    tutti.counts_text(r.counts) as counts, r.scheduler,
    w.name as workflow, p.input as params_input, p.parsed as params, p.lists as params_lists
  from tutti.run r join tutti.workflow w on w.id = r.workflow left join tutti.run_params p on p.run = r.seq
  where r.id = ${p.uuid}`;

export const listUnfinishedRuns = () => sql("listUnfinishedRuns")`
  select id from tutti.run where state in ('queued', 'running') order by id limit 1000000`;
