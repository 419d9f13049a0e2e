-- why: schedules fire. How far each has come, what became of each of its windows, who paused what, and since when a scheduler has
-- been up.
-- compatible_from: 0.1.0

-- Since when it has been enabled: first registered as the latest, back after it was retired, or unpaused.
alter table workflow add column enabled_since integer;
alter table workflow add column paused_at integer;
alter table workflow add column paused_by text;

-- A row stays when a version has no such schedule any more: its windows do.
create table schedule (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  -- Since when the latest version has it; null: it has none of that name.
  enabled_since integer,
  -- Rises with every decision, and guards the next one.
  revision integer not null default 0,
  -- The last window decided, as JSON; null: none.
  cursor text,
  unique (workflow, name)
) strict;

-- One row for each window that was decided, in local wall time: it outlives its run. `starts_at` is for order only.
create table schedule_window (
  id integer primary key,
  schedule integer not null references schedule,
  local_start text not null,
  start_fold integer not null,
  local_end text not null,
  end_fold integer not null,
  timezone text not null,
  starts_at integer not null,
  state text not null check (state = 'run' or state = 'missed' or state = 'passed_over'),
  run text,
  outcome text check (outcome = 'succeeded' or outcome = 'failed' or outcome = 'cancelled'),
  unique (schedule, local_start, start_fold, local_end, end_fold, timezone)
) strict;
create index schedule_window_by_start on schedule_window (schedule, starts_at);
-- Few, whatever the history: the windows whose runs go on.
create index schedule_window_unfinished on schedule_window (schedule) where state = 'run' and outcome is null;

-- One row: since when there has been a scheduler, and when it was last seen.
create table schedule_watch (
  id integer primary key check (id = 1),
  up_since integer not null,
  seen_at integer not null
) strict;

-- The window that a run is for; null: none. `held`: it waits for its turn or its past, and nobody advances it.
alter table run add column window_id integer;
alter table run add column held integer not null default 0;
create index run_held on run (workflow) where held = 1;

-- In the transaction that ends the run, or opens it again. Whoever advances a run that was held no longer holds it back.
create trigger run_outcome after update of state on run when new.window_id is not null and new.state <> old.state
begin
  update schedule_window
  set outcome = case when new.state = 'queued' or new.state = 'running' then null else new.state end
  where id = new.window_id;
  update run set held = 0 where seq = new.seq and held = 1;
end;

-- What is registered already is enabled from now on: nothing fires for the time before.
update workflow set enabled_since = cast(unixepoch('subsec') * 1000000 as integer) where latest_version is not null;
insert into schedule (workflow, name, enabled_since)
  select w.id, s.value ->> 'name', w.enabled_since
  from workflow w join version v on v.id = w.latest_version, json_each(v.manifest, '$.schedules') s;
