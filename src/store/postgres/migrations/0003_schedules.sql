-- why: schedules fire. How far each has come, what became of each of its windows, who paused what, and since when a scheduler has
-- been up.
-- compatible_from: 0.1.0

-- Since when it has been enabled: first registered as the latest, back after it was retired, or unpaused.
alter table tutti.workflow add column enabled_since timestamptz;
alter table tutti.workflow add column paused_at timestamptz;
alter table tutti.workflow add column paused_by text;

-- A row stays when a version has no such schedule any more: its windows do. It changes with each decision, in columns without an index.
create table tutti.schedule (
  id bigint generated always as identity primary key,
  workflow bigint not null references tutti.workflow,
  name text not null,
  -- Since when the latest version has it; null: it has none of that name.
  enabled_since timestamptz,
  -- Rises with every decision, and guards the next one.
  revision integer not null default 0,
  -- The last window decided, as JSON; null: none.
  cursor text,
  unique (workflow, name)
) with (fillfactor = 50);

-- One row for each window that was decided, in local wall time: it outlives its run. `starts_at` is for order only.
create table tutti.schedule_window (
  id bigint generated always as identity primary key,
  schedule bigint not null references tutti.schedule,
  local_start text not null,
  start_fold integer not null,
  local_end text not null,
  end_fold integer not null,
  timezone text not null,
  starts_at timestamptz not null,
  state text not null check (state in ('run', 'missed', 'passed_over')),
  run uuid,
  outcome text check (outcome in ('succeeded', 'failed', 'cancelled')),
  unique (schedule, local_start, start_fold, local_end, end_fold, timezone)
);
create index schedule_window_by_start on tutti.schedule_window (schedule, starts_at);
-- Few, whatever the history: the windows whose runs go on.
create index schedule_window_unfinished on tutti.schedule_window (schedule) where state = 'run' and outcome is null;

-- One row: since when there has been a scheduler, and when one was last seen.
create table tutti.schedule_watch (
  id integer primary key check (id = 1),
  up_since timestamptz not null,
  seen_at timestamptz not null
) with (fillfactor = 10);

-- The window that a run is for; null: none. `held`: it waits for its turn or its past, and no scheduler takes it.
alter table tutti.run add column window_id bigint;
alter table tutti.run add column held boolean not null default false;
create index run_held on tutti.run (workflow) where held;

-- In the transaction that ends the run, or opens it again. Whoever advances a run that was held no longer holds it back.
create function tutti.run_outcome() returns trigger language plpgsql as $$
begin
  update tutti.schedule_window
  set outcome = case when new.state not in ('queued', 'running') then new.state end
  where id = new.window_id;
  new.held := false;
  return new;
end $$;
create trigger run_outcome before update of state on tutti.run for each row
  when (new.window_id is not null and new.state <> old.state) execute function tutti.run_outcome();

-- What was decided, one decision after the other: the workflow is locked first and in order, so that two of these cannot wait for each
-- other and a pause that has come holds. Answers for each that was applied its place and the runs that were made for it.
create function tutti.decide_windows(p_scheduler bigint, p_decisions json) returns table (place integer, runs uuid[])
  language plpgsql as $$
#variable_conflict use_column
declare
  d record;
  w record;
  v_workflow bigint;
  v_window bigint;
  v_seq bigint;
  v_runs uuid[];
begin
  for d in
    select g.*, s.workflow
    from json_to_recordset(p_decisions) as g (place integer, schedule bigint, revision integer, version bigint, cursor text, windows json)
      join tutti.schedule s on s.id = g.schedule
    order by s.workflow, g.schedule, g.place
  loop
    select array_agg(r.id) into v_runs from json_to_recordset(d.windows) as x (run uuid) join tutti.run r on r.id = x.run;
    if v_runs is not null then
      -- Asked before, and the answer was lost.
      place := d.place;
      runs := v_runs;
      return next;
      continue;
    end if;
    select id into v_workflow from tutti.workflow
      where id = d.workflow and latest_version = d.version and paused_at is null and retired_at is null
      for no key update;
    continue when not found;
    update tutti.schedule s set revision = s.revision + 1, cursor = d.cursor
      where s.id = d.schedule and s.revision = d.revision and s.enabled_since is not null;
    continue when not found;
    v_runs := '{}';
    for w in
      select x.* from json_to_recordset(d.windows) as x (local_start text, start_fold integer, local_end text, end_fold integer,
        timezone text, starts_at bigint, state text, run uuid, held boolean, trigger text, interval_start bigint, interval_end bigint,
        date text, created_at bigint, input text, parsed text, lists text)
    loop
      -- A window without a run may get one; one that has it gets no second.
      insert into tutti.schedule_window as o (schedule, local_start, start_fold, local_end, end_fold, timezone, starts_at, state, run)
      values (d.schedule, w.local_start, w.start_fold, w.local_end, w.end_fold, w.timezone, tutti.instant(w.starts_at), w.state, w.run)
      on conflict (schedule, local_start, start_fold, local_end, end_fold, timezone) do update set state = excluded.state, run = excluded.run
        where o.state <> 'run' and excluded.state = 'run'
      returning id into v_window;
      continue when not found or w.run is null;
      insert into tutti.run (id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone,
        cancel_requested, created_at, counts, scheduler, window_id, held)
      values (w.run, v_workflow, d.version, 'queued', 1, 1, w.trigger, tutti.instant(w.interval_start), tutti.instant(w.interval_end), w.date,
        w.timezone, false, tutti.instant(w.created_at), array[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        case when not w.held then p_scheduler end, v_window, w.held)
      returning seq into v_seq;
      if w.input is not null or w.parsed is not null or w.lists is not null then
        insert into tutti.run_params (run, input, parsed, lists) values (v_seq, w.input, w.parsed, w.lists);
      end if;
      v_runs := v_runs || w.run;
    end loop;
    if array_length(v_runs, 1) > 0 then
      insert into tutti.run_count as n (workflow, state, shard, runs)
      values (v_workflow, 'queued', pg_backend_pid() % 16, array_length(v_runs, 1))
      on conflict (workflow, state, shard) do update set runs = n.runs + excluded.runs;
    end if;
    place := d.place;
    runs := v_runs;
    return next;
  end loop;
end $$;

-- What is registered already is enabled from now on: nothing fires for the time before.
update tutti.workflow set enabled_since = now() where latest_version is not null;
insert into tutti.schedule (workflow, name, enabled_since)
  select w.id, s ->> 'name', now()
  from tutti.workflow w join tutti.version v on v.id = w.latest_version, json_array_elements(v.manifest::json -> 'schedules') s;
