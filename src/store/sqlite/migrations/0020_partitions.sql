-- why: a run by hand may make a partition too, and runs are listed and chosen by theirs. One of a backfill had it from its window alone.
-- compatible_from: 0.1.0

-- The partition that a run makes; without a row it makes none.
create table run_partition (
  run text primary key,
  partition text not null
) strict, without rowid;
create index run_partition_by_key on run_partition (partition, run);

insert into run_partition (run, partition)
  select r.id, x.local_start from schedule_window x join run r on r.id = x.run where x.timezone = 'partition';

drop view run_summary;
create view run_summary as
  select r.*, p.counts, w.name as workflow_name, v.hash as version_hash, q.partition
  from run r join run_progress p on p.run = r.seq join workflow w on w.id = r.workflow join version v on v.id = r.version
    left join run_partition q on q.run = r.id;
