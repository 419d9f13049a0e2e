-- why: a run by hand may make a partition too, and runs are listed and chosen by theirs. One of a backfill had it from its window alone.
-- compatible_from: 0.1.0

-- The partition that a run makes, said before the run is there; without a row it makes none.
create table tutti.run_partition (
  run uuid primary key,
  partition text not null
);
create index run_partition_by_key on tutti.run_partition (partition, run);

insert into tutti.run_partition (run, partition)
  select r.id, x.local_start from tutti.schedule_window x join tutti.run r on r.id = x.run where x.timezone = 'partition';

create or replace view tutti.run_summary as
  select r.seq, r.id, r.workflow, r.version, r.state, r.generation, r.revision, r.trigger,
    tutti.micros(r.interval_start) as interval_start, tutti.micros(r.interval_end) as interval_end, r.date, r.timezone,
    r.cancel_requested::int as cancel_requested, tutti.micros(r.created_at) as created_at,
    tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at, tutti.counts_text(r.counts) as counts,
    w.name as workflow_name, v.hash as version_hash, r.held::int as held, q.partition
  from tutti.run r join tutti.workflow w on w.id = r.workflow join tutti.version v on v.id = r.version
    left join tutti.run_partition q on q.run = r.id;
