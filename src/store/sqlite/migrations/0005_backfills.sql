-- why: windows of the past are run on demand, as an object that is paused, resumed and cancelled, and that outlives every process.
-- compatible_from: 0.1.0

-- One row for each that was asked for. What is at work is counted from its windows.
create table backfill (
  seq integer primary key,
  id text not null unique,
  workflow integer not null references workflow,
  schedule integer not null references schedule,
  -- The newest code when it was asked for; null: what is the latest when a window is reached.
  version integer,
  -- Which windows, in which order, what is run again and with which code: JSON.
  plan text not null,
  max_active_runs integer not null,
  state text not null check (state = 'running' or state = 'paused' or state = 'succeeded' or state = 'failed' or state = 'cancelled'),
  -- Rises with every step, and guards the next one.
  revision integer not null default 0,
  total integer not null,
  -- How many windows it has reached, and where the last of them ends.
  judged integer not null default 0,
  reached integer,
  -- Of these, those that it did not run, by reason: JSON.
  skipped text not null default '{}',
  -- Of these, those that it did, by outcome: JSON, once it has ended.
  outcomes text,
  created_at integer not null,
  created_by text not null,
  ended_at integer
) strict;
create index backfill_unended on backfill (seq) where ended_at is null;
create index backfill_by_workflow on backfill (workflow, id);

-- The backfill that ran it last. `reopens`: its run has ended and is to be opened again, which nobody has done yet.
alter table schedule_window add column backfill integer;
alter table schedule_window add column reopens integer not null default 0;
create index schedule_window_by_backfill on schedule_window (backfill, outcome) where backfill is not null;

-- What was to be opened again has been, whoever did it: also when it ended in the same commit, and as before.
drop trigger run_outcome;
-- What ends a run or opens it again sets when it ended; its first step does not, so that it costs no trigger.
create trigger run_outcome after update of ended_at on run
  when new.window_id is not null and (new.state <> old.state or new.generation <> old.generation)
begin
  update schedule_window
  set outcome = case when new.state = 'queued' or new.state = 'running' then null else new.state end, reopens = 0
  where id = new.window_id;
end;
-- Whoever advances a run that was held no longer holds it back.
create trigger run_moves after update of state on run when new.held = 1 and new.state <> old.state
begin
  update run set held = 0 where seq = new.seq;
end;
