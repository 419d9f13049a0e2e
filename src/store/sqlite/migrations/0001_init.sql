-- why: the first schema. Instants are integer microseconds; nothing that a user typed is a key.
-- compatible_from: 0.1.0

create table migration (
  number integer primary key,
  name text not null,
  compatible_from text not null,
  applied_at integer not null
) strict;

-- Who writes. The epoch rises with every owner, and every commit reads it: an owner that lost the file writes nothing more.
-- next_task_run_id keeps an id that was pruned from being given again.
create table owner (
  id integer primary key check (id = 1),
  epoch integer not null,
  pid integer not null,
  taken_at integer not null,
  next_task_run_id integer not null
) strict;
insert into owner values (1, 0, 0, 0, 1);

create table workflow (
  id integer primary key,
  name text not null unique,
  latest_version integer,
  -- Ended runs per state, as JSON, kept in the transaction that ends them: a group-by over a million rows takes 478 ms.
  run_counts text not null default '{}'
) strict;

create table task (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  unique (workflow, name)
) strict;

create table bundle (
  id integer primary key,
  hash text not null unique,
  code text not null,
  map text
) strict;

create table version (
  id integer primary key,
  hash text not null unique,
  workflow integer not null references workflow,
  bundle integer not null references bundle,
  file text not null,
  outside text not null,
  task_ids text not null,
  created_at integer not null,
  -- When it was last registered: retention counts from here.
  used_at integer not null,
  manifest text not null
) strict;
create index version_by_workflow on version (workflow);
create index version_by_bundle on version (bundle);

-- What changes with every commit of a run is in `run_progress`, and params are elsewhere. `seq` is what other rows refer to; it
-- keeps the 26 characters of the id out of their indexes.
create table run (
  -- Given by the owner, and never again while rows of a pruned run wait for their sweep under its number.
  seq integer primary key,
  id text not null unique,
  -- No foreign keys, as on the hot tables below: each costs a look at another page when a run is made.
  workflow integer not null,
  version integer not null,
  state text not null check (state = 'queued' or state = 'running' or state = 'succeeded' or state = 'failed' or state = 'cancelled'),
  generation integer not null,
  trigger text not null,
  interval_start integer not null,
  interval_end integer not null,
  date text not null,
  timezone text not null,
  cancel_requested integer not null,
  -- It comes to its end because its time was over.
  timed_out integer not null default 0,
  created_at integer not null,
  started_at integer,
  ended_at integer
) strict;
create index run_by_workflow on run (workflow, id);
-- With the workflow, so that unfinished runs are counted in the index alone.
create index run_by_state on run (state, id, workflow);
create index run_by_version on run (version);
create index run_by_end on run (ended_at) where ended_at is not null;

-- Written with every commit of a run: a hundred of these rows share a page, of the rows of `run` sixteen. No foreign key, as on
-- the hot tables below.
create table run_progress (
  run integer primary key,
  revision integer not null,
  -- Task runs per state, as JSON.
  counts text not null
) strict;

create table run_params (
  run integer primary key references run,
  input text,
  parsed text,
  lists text
) strict;

-- Versions a run was pinned to before; its attempts still name them.
create table run_past_version (
  run integer not null references run,
  version integer not null references version,
  primary key (run, version)
) strict, without rowid;
create index run_past_version_by_version on run_past_version (version);

-- No foreign keys on the two hot tables: the owner is the only writer, and pruned runs leave their rows for a later sweep.
-- What is rare is packed as JSON so that the hot statements bind few values. An output may be large and stands last.
-- The check is a chain of `or`: `in` with more than two values builds a table each time a statement runs, and the states of the hot path come first.
create table task_run (
  id integer primary key,
  run integer not null,
  task integer not null,
  map_index integer not null default -1,
  state text not null check (
    state = 'running' or state = 'succeeded' or state = 'queued' or state = 'waiting' or state = 'deferred' or state = 'up_for_retry'
    or state = 'failed' or state = 'skipped' or state = 'upstream_failed' or state = 'cancelled' or state = 'removed'
  ),
  claim integer not null default 0,
  attempt integer not null default 1,
  generation integer not null default 1,
  losses integer not null default 0,
  worker text,
  queued_at integer,
  claimed_at integer,
  started_at integer,
  ended_at integer,
  due_at integer,
  -- What outlives a generation: groupRetries, discarded.
  history text,
  -- What the last end of it said: error, skipReason, arms, lists, frame.
  result text,
  output text
) strict;
create unique index task_run_by_place on task_run (run, task, map_index);

-- Append-only. Task runs that end together were made together, so the key keeps what one commit appends on a page or two; the run is
-- that of the task run. `revision` is the run's when it was recorded, `place` where it stood in that group.
create table attempt (
  task_run integer not null,
  revision integer not null,
  place integer not null,
  generation integer not null,
  attempt integer not null,
  claim integer not null,
  worker text,
  version integer not null,
  waited_for integer,
  queued_at integer,
  claimed_at integer,
  started_at integer,
  ended_at integer not null,
  outcome text not null check (
    outcome = 'succeeded' or outcome = 'failed' or outcome = 'skipped' or outcome = 'cancelled' or outcome = 'upstream_failed' or outcome = 'lost'
  ),
  error text,
  primary key (task_run, revision, place)
) strict, without rowid;

create table task_state (
  task_run integer not null,
  key text not null,
  value text not null,
  primary key (task_run, key)
) strict, without rowid;

create table task_memory (
  task integer not null references task,
  key text not null,
  value text not null,
  primary key (task, key)
) strict, without rowid;

-- Written by processes that do not own the file; `autoincrement`, because a number is never given twice.
create table command (
  id integer primary key autoincrement,
  kind text not null,
  run_id text,
  payload text,
  created_at integer not null
) strict;

-- Runs that are gone and whose task runs and attempts are still to be swept, a few at a time.
create table pruned_run (
  run integer primary key
) strict;

create view run_summary as
  select r.*, p.counts, w.name as workflow_name, v.hash as version_hash
  from run r join run_progress p on p.run = r.seq join workflow w on w.id = r.workflow join version v on v.id = r.version;
