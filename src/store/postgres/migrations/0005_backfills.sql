-- why: windows of the past are run on demand, as an object that is paused, resumed and cancelled, and that outlives every process.
-- compatible_from: 0.1.0

-- One row for each that was asked for. What is at work is counted from its windows. It changes with each step, in columns without
-- an index.
create table tutti.backfill (
  seq bigint generated always as identity primary key,
  id text not null unique,
  workflow bigint not null references tutti.workflow,
  schedule bigint not null references tutti.schedule,
  -- The newest code when it was asked for; null: what is the latest when a window is reached.
  version bigint,
  -- Which windows, in which order, what is run again and with which code: JSON.
  plan text not null,
  max_active_runs integer not null,
  state text not null check (state in ('running', 'paused', 'succeeded', 'failed', 'cancelled')),
  -- Rises with every step, and guards the next one.
  revision integer not null default 0,
  total integer not null,
  -- How many windows it has reached, and where the last of them ends.
  judged integer not null default 0,
  reached timestamptz,
  -- Of these, those that it did not run, by reason: JSON.
  skipped text not null default '{}',
  -- Of these, those that it did, by outcome: JSON, once it has ended.
  outcomes text,
  created_at timestamptz not null,
  created_by text not null,
  ended_at timestamptz
) with (fillfactor = 50);
create index backfill_unended on tutti.backfill (seq) where ended_at is null;
create index backfill_by_workflow on tutti.backfill (workflow, id);

-- The backfill that ran it last. `reopens`: its run has ended and is to be opened again, which nobody has done yet.
alter table tutti.schedule_window add column backfill bigint;
alter table tutti.schedule_window add column reopens boolean not null default false;
create index schedule_window_by_backfill on tutti.schedule_window (backfill, outcome) where backfill is not null;

-- What was to be opened again has been, whoever did it: also when it ended in the same commit, and as before.
create or replace function tutti.run_outcome() returns trigger language plpgsql as $$
begin
  update tutti.schedule_window
  set outcome = case when new.state not in ('queued', 'running') then new.state end, reopens = false
  where id = new.window_id;
  new.held := false;
  return new;
end $$;
drop trigger run_outcome on tutti.run;
-- The first step of a run changes nothing here, and most are that.
create trigger run_outcome before update of state on tutti.run for each row
  when (new.window_id is not null and (new.state <> old.state or new.generation <> old.generation)
    and not (old.state = 'queued' and new.state = 'running' and new.generation = old.generation and not old.held))
  execute function tutti.run_outcome();

create or replace view tutti.run_summary as
  select r.seq, r.id, r.workflow, r.version, r.state, r.generation, r.revision, r.trigger,
    tutti.micros(r.interval_start) as interval_start, tutti.micros(r.interval_end) as interval_end, r.date, r.timezone,
    r.cancel_requested::int as cancel_requested, tutti.micros(r.created_at) as created_at,
    tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at, tutti.counts_text(r.counts) as counts,
    w.name as workflow_name, v.hash as version_hash, r.held::int as held
  from tutti.run r join tutti.workflow w on w.id = r.workflow join tutti.version v on v.id = r.version;

-- The windows that a backfill runs, in the transaction that holds the locks of its workflow and of these windows: a new one each, or
-- for `reopens` the run that there is. Nobody holds the new runs: whichever scheduler has room takes them.
create function tutti.run_windows(p_backfill bigint, p_workflow bigint, p_schedule bigint, p_version bigint, p_windows json) returns void
  language plpgsql as $$
#variable_conflict use_column
declare
  w record;
  v_window bigint;
  v_seq bigint;
  v_made integer := 0;
begin
  for w in
    select x.* from json_to_recordset(p_windows) as x (local_start text, start_fold integer, local_end text, end_fold integer,
      timezone text, starts_at bigint, reopens boolean, run uuid, trigger text, interval_start bigint, interval_end bigint,
      date text, created_at bigint, input text, parsed text, lists text)
  loop
    insert into tutti.schedule_window as o (schedule, local_start, start_fold, local_end, end_fold, timezone, starts_at, state, run,
      backfill, reopens)
    values (p_schedule, w.local_start, w.start_fold, w.local_end, w.end_fold, w.timezone, tutti.instant(w.starts_at), 'run', w.run,
      p_backfill, w.reopens)
    on conflict (schedule, local_start, start_fold, local_end, end_fold, timezone)
      do update set state = 'run', run = excluded.run, outcome = null, backfill = excluded.backfill, reopens = excluded.reopens
    returning id into v_window;
    continue when w.reopens;
    insert into tutti.run (id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone,
      cancel_requested, created_at, counts, window_id)
    values (w.run, p_workflow, p_version, 'queued', 1, 1, w.trigger, tutti.instant(w.interval_start), tutti.instant(w.interval_end), w.date,
      w.timezone, false, tutti.instant(w.created_at), array[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], v_window)
    returning seq into v_seq;
    if w.input is not null or w.parsed is not null or w.lists is not null then
      insert into tutti.run_params (run, input, parsed, lists) values (v_seq, w.input, w.parsed, w.lists);
    end if;
    v_made := v_made + 1;
  end loop;
  if v_made > 0 then
    insert into tutti.run_count as n (workflow, state, shard, runs) values (p_workflow, 'queued', pg_backend_pid() % 16, v_made)
    on conflict (workflow, state, shard) do update set runs = n.runs + excluded.runs;
  end if;
end $$;
