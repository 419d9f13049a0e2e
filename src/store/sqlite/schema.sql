CREATE TABLE attempt (
  run integer not null,
  revision integer not null,
  place integer not null,
  task_run integer not null,
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
  primary key (run, revision, place)
) strict, without rowid;

CREATE TABLE bundle (
  id integer primary key,
  hash text not null unique,
  code text not null,
  map text
) strict;

CREATE TABLE command (
  id integer primary key autoincrement,
  kind text not null,
  run_id text,
  payload text,
  created_at integer not null
) strict;

CREATE TABLE migration (
  number integer primary key,
  name text not null,
  compatible_from text not null,
  applied_at integer not null
) strict;

CREATE TABLE owner (
  id integer primary key check (id = 1),
  epoch integer not null,
  pid integer not null,
  taken_at integer not null,
  next_task_run_id integer not null
) strict;

CREATE TABLE pruned_run (
  run integer primary key
) strict;

CREATE TABLE run (
  -- `autoincrement`: rows of a pruned run may still wait for their sweep under its number.
  seq integer primary key autoincrement,
  id text not null unique,
  workflow integer not null references workflow,
  version integer not null references version,
  state text not null check (state = 'queued' or state = 'running' or state = 'succeeded' or state = 'failed' or state = 'cancelled'),
  generation integer not null,
  revision integer not null,
  trigger text not null,
  interval_start integer not null,
  interval_end integer not null,
  date text not null,
  timezone text not null,
  cancel_requested integer not null,
  created_at integer not null,
  started_at integer,
  ended_at integer,
  -- Task runs per state, as JSON.
  counts text not null
) strict;

CREATE INDEX run_by_end on run (ended_at) where ended_at is not null;

CREATE INDEX run_by_state on run (state, id);

CREATE INDEX run_by_version on run (version);

CREATE INDEX run_by_workflow on run (workflow, id);

CREATE TABLE run_params (
  run integer primary key references run,
  input text,
  parsed text,
  lists text
) strict;

CREATE TABLE run_past_version (
  run integer not null references run,
  version integer not null references version,
  primary key (run, version)
) strict, without rowid;

CREATE INDEX run_past_version_by_version on run_past_version (version);

CREATE VIEW run_summary as
  select r.*, w.name as workflow_name, v.hash as version_hash
  from run r join workflow w on w.id = r.workflow join version v on v.id = r.version;

CREATE TABLE task (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  unique (workflow, name)
) strict;

CREATE TABLE task_memory (
  task integer not null references task,
  key text not null,
  value text not null,
  primary key (task, key)
) strict, without rowid;

CREATE TABLE task_run (
  id integer primary key,
  run integer not null,
  task integer not null,
  map_index integer not null default -1,
  state text not null check (
    state = 'waiting' or state = 'queued' or state = 'running' or state = 'deferred' or state = 'up_for_retry'
    or state = 'succeeded' or state = 'failed' or state = 'skipped' or state = 'upstream_failed' or state = 'cancelled' or state = 'removed'
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

CREATE UNIQUE INDEX task_run_by_place on task_run (run, task, map_index);

CREATE TABLE task_state (
  task_run integer not null,
  key text not null,
  value text not null,
  primary key (task_run, key)
) strict, without rowid;

CREATE TABLE version (
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

CREATE INDEX version_by_bundle on version (bundle);

CREATE INDEX version_by_workflow on version (workflow);

CREATE TABLE workflow (
  id integer primary key,
  name text not null unique,
  latest_version integer,
  -- Runs per state, as JSON, kept in the transaction that changes them: a group-by over a million rows takes 478 ms.
  run_counts text not null default '{}'
) strict;
