-- why: a task run may take a value that another one has made of the same input with the same code. Here stands only who may be asked for what;
-- the value itself is in the row of the task run that made it, and goes with it.
-- compatible_from: 0.1.0

-- Stands while its task run is that success: a claim and a generation have one end.
create table cache_entry (
  task_run integer primary key,
  run integer not null,
  task integer not null,
  key text not null,
  generation integer not null,
  claim integer not null,
  made_at integer not null
) strict;
create index cache_entry_by_key on cache_entry (task, key, made_at);
create index cache_entry_by_run on cache_entry (run);

-- A task run with a value of another: that one's run, and what it wrote, stay as long.
create table cache_use (
  task_run integer primary key,
  run integer not null,
  source_run integer not null,
  source_task_run integer not null,
  source_first_claim integer not null,
  source_claim integer not null
) strict;
create index cache_use_by_source on cache_use (source_run);

-- Runs that take none, by their ids: it is said before they are there.
create table uncached_run (
  run text primary key
) strict, without rowid;
