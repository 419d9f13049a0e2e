-- why: the first schema. The same tables as in SQLite, in a schema of their own, so that a database can be shared; with
-- what several schedulers and workers need: their leases, offers to workers elsewhere, and what those answer.
-- compatible_from: 0.1.0

create schema tutti;

create table tutti.migration (
  number integer primary key,
  name text not null,
  compatible_from text not null,
  applied_at timestamptz not null
);

-- Instants are microseconds outside. An interval without days or months means the same in every time zone. Declared no
-- more constant than their operators are, or the planner could not put them in place of a call, which costs 1.2 us.
create function tutti.instant(micros bigint) returns timestamptz language sql stable strict parallel safe
  return timestamptz 'epoch' + micros * interval '1 microsecond';
create function tutti.micros(at timestamptz) returns bigint language sql stable strict parallel safe
  return (extract(epoch from at) * 1000000)::bigint;

-- One row per opened store, touched by each of its commits: it says which was the last one applied and what it dropped, so
-- that an answer lost on the way is asked for again instead of guessed. No index but the key, room on the page: every
-- update stays on it, and the vacuum that follows is over at once.
create table tutti.writer (
  id bigint generated always as identity primary key,
  number bigint not null default 0,
  dropped integer[] not null default '{}',
  used_at timestamptz not null default now()
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Whoever advances runs. A number is never given twice, so it fences.
create table tutti.scheduler (
  id bigint generated always as identity primary key,
  name text not null,
  started_at timestamptz not null,
  lease_until timestamptz not null
) with (fillfactor = 50);

-- One lease per worker, not per task run.
create table tutti.worker (
  name text primary key,
  queues text not null,
  slots integer not null,
  labels text not null,
  release text not null,
  refusals text not null default '[]',
  started_at timestamptz not null,
  lease_until timestamptz not null
) with (fillfactor = 50);

create table tutti.workflow (
  id bigint generated always as identity primary key,
  name text not null unique,
  latest_version bigint
);

-- Runs per state, kept in the transaction that changes them. In shards, so that two schedulers which end runs of one workflow
-- do not wait for each other's commit; a reader adds them up. Small and always changing: room for updates, vacuum by number.
create table tutti.run_count (
  workflow bigint not null,
  state text not null,
  shard integer not null,
  runs bigint not null,
  primary key (workflow, state, shard)
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create table tutti.task (
  id bigint generated always as identity primary key,
  workflow bigint not null references tutti.workflow,
  name text not null,
  unique (workflow, name)
);

create table tutti.bundle (
  id bigint generated always as identity primary key,
  hash text not null unique,
  code text not null,
  map text
);

create table tutti.version (
  id bigint generated always as identity primary key,
  hash text not null unique,
  workflow bigint not null references tutti.workflow,
  bundle bigint not null references tutti.bundle,
  file text not null,
  outside text not null,
  task_ids text not null,
  created_at timestamptz not null,
  used_at timestamptz not null,
  manifest text not null
);
create index version_by_workflow on tutti.version (workflow);
create index version_by_bundle on tutti.version (bundle);

-- The row changes with every commit of its run and in columns that no index has: with half of each page free, the new row
-- finds room beside the old one and no index is written (a HOT update). Vacuum comes early, because what makes a live run's
-- page slow is its dead rows, and they are few against a long history, of which the default waits for a fifth.
create table tutti.run (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  workflow bigint not null references tutti.workflow,
  version bigint not null references tutti.version,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  generation integer not null,
  revision integer not null,
  trigger text not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  date text not null,
  timezone text not null,
  cancel_requested boolean not null,
  -- It comes to its end because its time was over.
  timed_out boolean not null default false,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- Task runs per state, in the order of `tutti.task_run_states()`.
  counts integer[] not null,
  -- Who advances it; null: nobody, and always when it has ended.
  scheduler bigint
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index run_by_workflow on tutti.run (workflow, id);
create index run_by_state on tutti.run (state, id);
create index run_by_version on tutti.run (version);
-- Only what is unfinished, so that a long history costs nothing.
create index run_unfinished on tutti.run (scheduler, id) where state in ('queued', 'running');
create index run_by_end on tutti.run (ended_at) where ended_at is not null;

create table tutti.run_params (
  run bigint primary key references tutti.run,
  input text,
  parsed text,
  lists text
);

create table tutti.run_past_version (
  run bigint not null references tutti.run,
  version bigint not null references tutti.version,
  primary key (run, version)
);
create index run_past_version_by_version on tutti.run_past_version (version);

create sequence tutti.task_run_id increment by 1000;

-- No foreign keys on the two hot tables: pruned runs leave their rows for a later sweep. No index knows `state`, not even
-- in its condition: each step of a task run would then write every index anew. What is unfinished is found through its
-- run, or through `offer`. A row is written two or three times in its life: a quarter of each page is kept for that.
create table tutti.task_run (
  id bigint primary key,
  run bigint not null,
  task bigint not null,
  map_index integer not null default -1,
  claim integer not null default 0,
  attempt integer not null default 1,
  generation integer not null default 1,
  losses integer not null default 0,
  queued_at timestamptz,
  claimed_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  due_at timestamptz,
  state text not null check (state in ('waiting', 'queued', 'running', 'deferred', 'up_for_retry',
    'succeeded', 'failed', 'skipped', 'upstream_failed', 'cancelled', 'removed')),
  worker text,
  history text,
  result text,
  output text
) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05);
create unique index task_run_by_place on tutti.task_run (run, task, map_index);

-- Append-only: nothing dies here but what retention deletes. Vacuum still has to come, for the visibility map.
create table tutti.attempt (
  run bigint not null,
  revision integer not null,
  place integer not null,
  task_run bigint not null,
  generation integer not null,
  attempt integer not null,
  claim integer not null,
  version bigint not null,
  waited_for bigint,
  queued_at timestamptz,
  claimed_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz not null,
  worker text,
  outcome text not null check (outcome in ('succeeded', 'failed', 'skipped', 'cancelled', 'upstream_failed', 'lost')),
  error text,
  primary key (run, revision, place)
) with (autovacuum_vacuum_insert_scale_factor = 0.1);

-- A user's key may be longer than an index takes (2,700 bytes), so its hash stands there.
create table tutti.task_state (
  task_run bigint not null,
  key text not null,
  value text not null
);
create unique index task_state_by_key on tutti.task_state (task_run, md5(key));

create table tutti.task_memory (
  task bigint not null references tutti.task,
  key text not null,
  value text not null
);
create unique index task_memory_by_key on tutti.task_memory (task, md5(key));

-- `scheduler`: who is carrying it out. It is another's when that one's lease has ended.
create table tutti.command (
  id bigint generated always as identity primary key,
  kind text not null,
  run uuid,
  payload text,
  created_at timestamptz not null,
  scheduler bigint
);

create table tutti.pruned_run (
  run bigint primary key
);

-- Queues empty themselves: their pages are used again and again, and only an early vacuum keeps them few.
create table tutti.offer (
  id bigint generated always as identity primary key,
  run bigint not null,
  task_run bigint not null,
  claim integer not null,
  queue text not null,
  priority double precision not null,
  -- The run's: a worker asks for those it can run.
  version bigint not null,
  -- Who claimed it, until that one has asked for the next: then the answer has arrived. Lost on the way, it is given again.
  worker text
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index offer_by_queue on tutti.offer (queue, priority desc, id) where worker is null;
create index offer_by_worker on tutti.offer (worker) where worker is not null;
create index offer_by_run on tutti.offer (run);

-- What worker-only processes say, until a commit has used it.
create table tutti.result (
  id bigint generated always as identity primary key,
  run bigint not null,
  task_run bigint not null,
  claim integer not null,
  payload text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index result_by_run on tutti.result (run);

create function tutti.task_run_states() returns text[] language sql immutable parallel safe
  return array['waiting', 'queued', 'running', 'deferred', 'up_for_retry',
    'succeeded', 'failed', 'skipped', 'upstream_failed', 'cancelled', 'removed'];

create function tutti.add_counts(a integer[], b integer[]) returns integer[] language sql immutable parallel safe
  return array[a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5], a[6] + b[6], a[7] + b[7], a[8] + b[8],
    a[9] + b[9], a[10] + b[10], a[11] + b[11]];

create function tutti.counts_text(counts integer[]) returns text language sql immutable parallel safe
  return (select coalesce(json_object_agg(state, n), '{}')::text from unnest(tutti.task_run_states(), counts) as c (state, n) where n <> 0);

create view tutti.run_summary as
  select r.seq, r.id, r.workflow, r.version, r.state, r.generation, r.revision, r.trigger,
    tutti.micros(r.interval_start) as interval_start, tutti.micros(r.interval_end) as interval_end, r.date, r.timezone,
    r.cancel_requested::int as cancel_requested, tutti.micros(r.created_at) as created_at,
    tutti.micros(r.started_at) as started_at, tutti.micros(r.ended_at) as ended_at, tutti.counts_text(r.counts) as counts,
    w.name as workflow_name, v.hash as version_hash
  from tutti.run r join tutti.workflow w on w.id = r.workflow join tutti.version v on v.id = r.version;

-- One drawer: `p_state_of` or `p_memory_of` says whose. Null empties it.
create function tutti.put_drawer(p_state_of bigint, p_memory_of bigint, p_key text, p_value text) returns void language plpgsql as $$
begin
  if p_value is null then
    delete from tutti.task_state s where s.task_run = p_state_of and md5(s.key) = md5(p_key);
    delete from tutti.task_memory m where m.task = p_memory_of and md5(m.key) = md5(p_key);
  elsif p_state_of is not null then
    insert into tutti.task_state (task_run, key, value) values (p_state_of, p_key, p_value)
    on conflict (task_run, md5(key)) do update set value = excluded.value;
  else
    insert into tutti.task_memory (task, key, value) values (p_memory_of, p_key, p_value)
    on conflict (task, md5(key)) do update set value = excluded.value;
  end if;
end $$;

-- The groups of one batch. `v_run` holds, by a group's place, the number of its run; null: its revision moved, it is dropped.
-- When a guard fails after that, the group is half written: TU001, and the batch is written again group by group.
-- Every statement that follows is one for the whole batch, and joins what it writes to the runs that are still in.
create function tutti.write_groups(p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json,
  p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json) returns integer[] language plpgsql as $$
declare
  v_run bigint[] := '{}';
  v_live integer[] := '{}';
  v_places integer[];
  v_seqs bigint[];
  v_wrong record;
  v_drawer record;
  v_expected integer;
  v_count integer;
begin
  if p_creates is not null then
    select g.version into v_wrong from json_to_recordset(p_creates) as g (version bigint)
      where (select v.id from tutti.version v where v.id = g.version) is null limit 1;
    if found then
      raise exception using errcode = 'TU003', message = v_wrong.version::text;
    end if;
    with g as materialized (
      select * from json_to_recordset(p_creates) as g (place integer, id uuid, version bigint, state text, generation integer, trigger text,
        interval_start bigint, interval_end bigint, date text, timezone text, cancel_requested boolean, created_at bigint,
        started_at bigint, ended_at bigint, counts integer[], input text, parsed text, lists text)
    ), created as (
      insert into tutti.run (id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone,
        cancel_requested, created_at, started_at, ended_at, counts, scheduler)
      select g.id, (select v.workflow from tutti.version v where v.id = g.version), g.version, g.state, g.generation, 1, g.trigger, tutti.instant(g.interval_start), tutti.instant(g.interval_end),
        g.date, g.timezone, g.cancel_requested, tutti.instant(g.created_at), tutti.instant(g.started_at), tutti.instant(g.ended_at),
        g.counts, case when g.state in ('queued', 'running') then p_scheduler end
      from g order by g.id
      on conflict (id) do nothing
      returning seq, id, workflow, state
    ), params as (
      insert into tutti.run_params (run, input, parsed, lists)
      select c.seq, g.input, g.parsed, g.lists from created c join g on g.id = c.id
      where g.input is not null or g.parsed is not null or g.lists is not null
    ), counted as (
      insert into tutti.run_count as n (workflow, state, shard, runs)
      select c.workflow, c.state, pg_backend_pid() % 16, count(*) from created c group by 1, 2 order by 1, 2
      on conflict (workflow, state, shard) do update set runs = n.runs + excluded.runs
    )
    select array_agg(g.place), array_agg(c.seq) into v_places, v_seqs from created c join g on g.id = c.id;
    for i in 1 .. coalesce(array_length(v_places, 1), 0) loop
      v_run[v_places[i]] := v_seqs[i];
    end loop;
    v_live := v_live || v_places;
  end if;

  if p_advances is not null then
    -- The revision is the guard: a decision made on an older one matches no row, nor does one about another's run.
    with advanced as (
      update tutti.run r
      set revision = r.revision + 1, counts = tutti.add_counts(r.counts, g.counts), scheduler = coalesce(r.scheduler, p_scheduler)
      from json_to_recordset(p_advances) as g (place integer, id uuid, revision integer, counts integer[])
      where r.id = any (p_runs) and r.id = g.id and r.revision = g.revision and (p_scheduler is null or r.scheduler is null or r.scheduler = p_scheduler)
      returning g.place, r.seq
    )
    select array_agg(place), array_agg(seq) into v_places, v_seqs from advanced;
    for i in 1 .. coalesce(array_length(v_places, 1), 0) loop
      v_run[v_places[i]] := v_seqs[i];
    end loop;
    v_live := v_live || v_places;
  end if;

  if p_run_changes is not null then
    select r.id, r.state, g.state as wanted into v_wrong
    from json_to_recordset(p_run_changes) as g (id uuid, revision integer, state text, generation integer, steps text[], openings text[])
      join tutti.run r on r.id = g.id and r.revision = g.revision
    where r.id = any (p_runs) and g.state is not null and not r.state = any (case when g.generation > r.generation then g.openings else g.steps end)
    limit 1;
    if found then
      raise exception using errcode = 'TU002', message = v_wrong.id::text, detail = v_wrong.state, hint = v_wrong.wanted;
    end if;
    with changed as (
      update tutti.run r
      set revision = r.revision + 1, counts = tutti.add_counts(r.counts, g.counts), state = coalesce(g.state, r.state),
        generation = coalesce(g.generation, r.generation), version = coalesce(g.version, r.version),
        cancel_requested = coalesce(g.cancel_requested, r.cancel_requested), timed_out = coalesce(g.timed_out, r.timed_out),
        started_at = coalesce(tutti.instant(g.started_at), r.started_at),
        ended_at = case when g.sets_end then tutti.instant(g.ended_at) else r.ended_at end,
        scheduler = case when coalesce(g.state, r.state) in ('queued', 'running') then coalesce(r.scheduler, p_scheduler) end
      from json_to_recordset(p_run_changes) as g (place integer, id uuid, revision integer, counts integer[], state text, generation integer,
        version bigint, cancel_requested boolean, timed_out boolean, started_at bigint, sets_end boolean, ended_at bigint)
        join tutti.run was on was.id = g.id and was.id = any (p_runs)
      where r.id = any (p_runs) and r.id = g.id and r.revision = g.revision and (p_scheduler is null or r.scheduler is null or r.scheduler = p_scheduler)
      returning g.place, r.seq, r.workflow, was.state as was_state, r.state, was.version as was_version, r.version
    ), past as (
      insert into tutti.run_past_version (run, version)
      select seq, was_version from changed where was_version <> version
      on conflict do nothing
    ), counted as (
      insert into tutti.run_count as n (workflow, state, shard, runs)
      select workflow, s.state, pg_backend_pid() % 16, sum(s.runs)
      from changed cross join lateral (values (changed.was_state, -1), (changed.state, 1)) as s (state, runs)
      group by 1, 2 having sum(s.runs) <> 0 order by 1, 2
      on conflict (workflow, state, shard) do update set runs = n.runs + excluded.runs
    )
    select array_agg(place), array_agg(seq) into v_places, v_seqs from changed;
    for i in 1 .. coalesce(array_length(v_places, 1), 0) loop
      v_run[v_places[i]] := v_seqs[i];
    end loop;
    v_live := v_live || v_places;
  end if;

  if p_drawers is not null then
    -- Few and seldom: each is looked up by itself.
    if exists (
      select from json_to_recordset(p_drawers) as d (place integer, task_run bigint, claim integer)
      where v_run[d.place] is not null and (
        select t.id from tutti.task_run t where t.id = d.task_run and t.run = v_run[d.place] and t.claim = d.claim and t.state = 'running'
      ) is null
    ) then
      raise exception using errcode = 'TU001', message = 'a drawer is not held';
    end if;
    for v_drawer in
      select * from json_to_recordset(p_drawers) as d (place integer, state_of bigint, memory_of bigint, key text, value text)
      where v_run[d.place] is not null
      order by d.memory_of, d.key
    loop
      perform tutti.put_drawer(v_drawer.state_of, v_drawer.memory_of, v_drawer.key, v_drawer.value);
    end loop;
  end if;

  if p_changes is not null then
    -- The claim is the fencing token: whoever lost the task run matches no row. `sets` has a bit for each column that changes.
    update tutti.task_run t
    set state = c.state, claim = t.claim + c.claims,
      attempt = case when c.sets & 1 <> 0 then c.attempt else t.attempt end,
      generation = case when c.sets & 2 <> 0 then c.generation else t.generation end,
      losses = case when c.sets & 4 <> 0 then c.losses else t.losses end,
      worker = case when c.sets & 8 <> 0 then c.worker else t.worker end,
      queued_at = case when c.sets & 16 <> 0 then tutti.instant(c.queued_at) else t.queued_at end,
      claimed_at = case when c.sets & 32 <> 0 then tutti.instant(c.claimed_at) else t.claimed_at end,
      started_at = case when c.sets & 64 <> 0 then tutti.instant(c.started_at) else t.started_at end,
      ended_at = case when c.sets & 128 <> 0 then tutti.instant(c.ended_at) else t.ended_at end,
      due_at = case when c.sets & 256 <> 0 then tutti.instant(c.due_at) else t.due_at end,
      history = case when c.sets & 512 <> 0 then c.history else t.history end,
      result = case when c.sets & 1024 <> 0 then c.result else t.result end,
      output = case when c.sets & 2048 <> 0 then c.output else t.output end
    from json_to_recordset(p_changes) as c (place integer, id bigint, was_claim integer, was text, state text, claims integer, sets integer,
      attempt integer, generation integer, losses integer, worker text, queued_at bigint, claimed_at bigint, started_at bigint,
      ended_at bigint, due_at bigint, history text, result text, output text)
    where t.id = any (p_task_runs) and t.id = c.id and t.run = v_run[c.place] and t.claim = c.was_claim and t.state = c.was;
    get diagnostics v_count = row_count;
    if v_count <> json_array_length(p_changes) then
      select count(*) into v_expected from json_to_recordset(p_changes) as c (place integer) where v_run[c.place] is not null;
      if v_count <> v_expected then
        raise exception using errcode = 'TU001', message = 'a task run has moved on';
      end if;
    end if;
    -- What discards a recorded success empties its drawer.
    if strpos(p_changes::text, '"empties":true') > 0 then
      delete from tutti.task_state s where s.task_run = any (array(
        select c.id from json_to_recordset(p_changes) as c (place integer, id bigint, empties boolean) where c.empties and v_run[c.place] is not null
      ));
    end if;
  end if;

  if p_inserts is not null then
    insert into tutti.task_run (id, run, task, map_index, state, claim, attempt, generation, worker, queued_at, claimed_at, ended_at, result)
    select i.id, v_run[i.place], i.task, coalesce(i.map_index, -1), i.state, coalesce(i.claim, 0), coalesce(i.attempt, 1), coalesce(i.generation, 1),
      i.worker, tutti.instant(i.queued_at), tutti.instant(i.claimed_at), tutti.instant(i.ended_at), i.result
    from json_to_recordset(p_inserts) as i (place integer, id bigint, task bigint, map_index integer, state text, claim integer,
      attempt integer, generation integer, worker text, queued_at bigint, claimed_at bigint, ended_at bigint, result text)
    where v_run[i.place] is not null
    on conflict (run, task, map_index) do nothing;
    get diagnostics v_count = row_count;
    if v_count <> json_array_length(p_inserts) then
      select count(*) into v_expected from json_to_recordset(p_inserts) as i (place integer) where v_run[i.place] is not null;
      if v_count <> v_expected then
        raise exception using errcode = 'TU001', message = 'a place is taken';
      end if;
    end if;
  end if;

  if p_attempts is not null then
    insert into tutti.attempt (run, revision, place, task_run, generation, attempt, claim, worker, version, waited_for,
      queued_at, claimed_at, started_at, ended_at, outcome, error)
    select v_run[a.place], a.revision, a.ordinal, a.task_run, a.generation, a.attempt, a.claim, a.worker, a.version, a.waited_for,
      tutti.instant(a.queued_at), tutti.instant(a.claimed_at), tutti.instant(a.started_at), tutti.instant(a.ended_at), a.outcome, a.error
    from json_to_recordset(p_attempts) as a (place integer, revision integer, ordinal integer, task_run bigint, generation integer,
      attempt integer, claim integer, worker text, version bigint, waited_for bigint, queued_at bigint, claimed_at bigint,
      started_at bigint, ended_at bigint, outcome text, error text)
    where v_run[a.place] is not null;
  end if;

  if p_offers is not null then
    insert into tutti.offer (run, task_run, claim, queue, priority, version)
    select r.seq, o.task_run, o.claim, o.queue, o.priority, r.version
    from rows from (json_to_recordset(p_offers) as (place integer, task_run bigint, claim integer, queue text, priority double precision))
      with ordinality as o (place, task_run, claim, queue, priority, n)
      join tutti.run r on r.seq = any (v_run) and r.seq = v_run[o.place]
    order by o.n;
  end if;

  if p_results is not null then
    delete from tutti.result r where r.id = any (array(
      select c.id from json_to_recordset(p_results) as c (place integer, id bigint) where v_run[c.place] is not null
    ));
  end if;

  return v_live;
end $$;

-- What a commit is: the writer's row first, so that whoever asks after a lost answer waits for a commit that is still under
-- way, and a commit that comes late finds that its number has passed. One plan for all sizes and all times: the planner cannot
-- see how many rows the arguments hold, planning anew costs more than running, and a plan made while the tables were small
-- would read them whole when they no longer are. So every table is read through an index by `= any (ids)` and hashed against
-- the argument: of ten thousand rows, a nested loop in the wrong order takes 16 seconds and this 0.1. The settings end with
-- the statement.
create function tutti.commit_groups(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[],
  p_task_runs bigint[], p_creates json, p_advances json,
  p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json)
  returns integer[] language plpgsql set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
declare
  v_dropped integer[] := '{}';
  v_live integer[];
begin
  update tutti.writer set number = p_number, dropped = '{}', used_at = now() where id = p_writer and number < p_number;
  if not found then
    raise exception using errcode = 'TU004', message = 'the commit comes late';
  end if;
  v_live := tutti.write_groups(p_scheduler, p_runs, p_task_runs, p_creates, p_advances, p_run_changes, p_drawers, p_changes, p_inserts, p_attempts, p_offers, p_results);
  if coalesce(array_length(v_live, 1), 0) <> p_groups then
    select array_agg(place) into v_dropped from generate_series(1, p_groups) as place where place <> all (v_live);
    update tutti.writer set dropped = v_dropped where id = p_writer;
  end if;
  return v_dropped;
end $$;

-- The same, one group after the other, each undone alone when a guard in it fails. The runs are locked first and in order:
-- two of these cannot wait for each other.
create function tutti.commit_groups_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json)
  returns integer[] language plpgsql set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
declare
  v_dropped integer[] := '{}';
  v_place integer := 0;
  g json;
begin
  update tutti.writer set number = p_number, dropped = '{}', used_at = now() where id = p_writer and number < p_number;
  if not found then
    raise exception using errcode = 'TU004', message = 'the commit comes late';
  end if;
  perform from tutti.run where id = any (p_runs) order by id for no key update;
  for g in select value from json_array_elements(p_groups) loop
    v_place := v_place + 1;
    begin
      if coalesce(array_length(tutti.write_groups(p_scheduler, (g ->> 'runs')::uuid[], (g ->> 'task_runs')::bigint[], g -> 'creates', g -> 'advances', g -> 'run_changes', g -> 'drawers', g -> 'changes',
        g -> 'inserts', g -> 'attempts', g -> 'offers', g -> 'results'), 1), 0) = 0
      then
        v_dropped := v_dropped || v_place;
      end if;
    exception when sqlstate 'TU001' then
      v_dropped := v_dropped || v_place;
    end;
  end loop;
  update tutti.writer set dropped = v_dropped where id = p_writer;
  return v_dropped;
end $$;

-- Several workers that ask at once skip each other's rows. The runs are locked before their task runs, as a commit does; their
-- revision stays, because nothing was decided: a scheduler that decides on such a row finds its guard failing. Offers that were
-- overtaken go, and as many more are looked at: few rows in the answer mean that there are no more. A task run may be offered
-- twice, also by the scheduler that took its run over; only the offer that was claimed is the worker's, or its claim would be
-- given again with a later one, as if it were another.
-- `p_versions`: null means any. `p_again`: the last answer was lost, and what it said is said again.
create function tutti.claim_offers(p_worker text, p_queues text[], p_versions bigint[], p_limit integer, p_again boolean, p_now timestamptz)
  returns table (uuid uuid, version bigint, run_generation integer, id bigint, task bigint, map_index integer, state text, claim integer,
    attempt integer, generation integer, losses integer, worker text, queued_at timestamptz, claimed_at timestamptz, history text)
  language plpgsql set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  v_offers bigint[];
  v_runs bigint[];
  v_claimed bigint;
  v_left bigint := p_limit;
begin
  if not exists (select from tutti.worker w where w.name = p_worker and w.lease_until > p_now) then
    return;
  end if;
  if not p_again then
    delete from tutti.offer o where o.worker = p_worker;
    loop
      v_offers := array(
        select o.id from tutti.offer o
        where o.queue = any (p_queues) and o.worker is null and (p_versions is null or o.version = any (p_versions))
        order by o.priority desc, o.id
        limit v_left
        for update skip locked
      );
      exit when coalesce(array_length(v_offers, 1), 0) = 0;
      select array_agg(distinct o.run) into v_runs from tutti.offer o where o.id = any (v_offers);
      perform from tutti.run r where r.seq = any (v_runs) order by r.id for no key update;
      with claimed as (
        update tutti.task_run t
        set state = 'running', claim = t.claim + 1, worker = p_worker, claimed_at = p_now, started_at = null, ended_at = null
        from tutti.offer o
        where o.id = any (v_offers) and t.id = any (array(select x.task_run from tutti.offer x where x.id = any (v_offers)))
          and t.id = o.task_run and t.claim = o.claim and t.state = 'queued'
        returning t.run, o.id as offer
      ), counted as (
        update tutti.run r
        set counts = tutti.add_counts(r.counts, array[0, -c.n, c.n, 0, 0, 0, 0, 0, 0, 0, 0])
        from (select claimed.run as seq, count(*)::integer as n from claimed group by 1) c
        where r.seq = any (v_runs) and r.seq = c.seq
      ), answered as (
        update tutti.offer o set worker = p_worker where o.id = any (array(select claimed.offer from claimed))
      )
      select count(*) into v_claimed from claimed;
      if v_claimed < array_length(v_offers, 1) then
        delete from tutti.offer o where o.id = any (v_offers) and o.worker is null;
      end if;
      exit when array_length(v_offers, 1) < v_left or v_claimed = v_left;
      v_left := v_left - v_claimed;
    end loop;
  end if;
  return query
  select r.id, r.version, r.generation, t.id, t.task, t.map_index, t.state, t.claim, t.attempt, t.generation, t.losses, t.worker,
    t.queued_at, t.claimed_at, t.history
  from tutti.offer o
    join tutti.task_run t on t.id = o.task_run and t.claim = o.claim + 1 and t.state = 'running' and t.worker = p_worker
    join tutti.run r on r.seq = o.run
  where o.worker = p_worker and t.id = any (array(select x.task_run from tutti.offer x where x.worker = p_worker))
    and r.seq = any (array(select x.run from tutti.offer x where x.worker = p_worker))
  order by o.priority desc, o.id;
end $$;

-- Drawers that a worker writes past the schedulers. The task run's row is held until the end, so that nobody else runs it before
-- what its last claim wrote can be seen. Answers with the places of those that were written.
create function tutti.write_drawers(p_drawers json) returns integer[] language plpgsql as $$
declare
  v_drawer record;
  v_written integer[] := '{}';
begin
  for v_drawer in
    select * from json_to_recordset(p_drawers)
      as d (place integer, task_run bigint, claim integer, state_of bigint, memory_of bigint, key text, value text)
    order by d.memory_of, d.key, d.place
  loop
    perform from tutti.task_run t where t.id = v_drawer.task_run and t.claim = v_drawer.claim and t.state = 'running' for share;
    continue when not found;
    perform tutti.put_drawer(v_drawer.state_of, v_drawer.memory_of, v_drawer.key, v_drawer.value);
    v_written := v_written || v_drawer.place;
  end loop;
  return v_written;
end $$;
