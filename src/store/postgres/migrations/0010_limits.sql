-- why: pools, and what running tasks hold of limits. A row of `limit_hold` is written with the claim, or with the offer to a worker
-- elsewhere, and goes with the end of what was claimed; of a rate it stays until its time is over. Tasks without limits have none.
-- compatible_from: 0.1.0

create table tutti.pool (
  name text primary key,
  slots integer not null,
  -- What the configuration said last; null: it names it no more. Another number there is taken over, the same one is not.
  declared integer,
  changed_at timestamptz not null,
  changed_by text
) with (fillfactor = 50);

create table tutti.limit_hold (
  name text not null,
  task_run bigint not null,
  -- A rate counts each.
  claim integer not null,
  slots integer not null,
  since timestamptz not null,
  -- Null: until the task run ends.
  until timestamptz,
  primary key (name, task_run, claim)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index limit_hold_by_task_run on tutti.limit_hold (task_run);

-- Rows come and go here with every task run, so what is read is mostly what is gone: an index scan marks the entries of dead rows and
-- steps over them from then on, which a bitmap scan does not.

-- How much is taken of each of `p_names` (a JSON list), without what `p_without` hold themselves, and when the first of it is free again.
create function tutti.limit_usage(p_names json, p_without bigint[], p_now timestamptz)
  returns table (name text, used integer, max integer, free_in_us bigint) language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
begin
  return query
  select n.name, coalesce(h.slots, 0), (select p.slots from tutti.pool p where p.name = substr(n.name, 6) and starts_with(n.name, 'pool ')),
    tutti.micros(h.until) - tutti.micros(p_now)
  from json_array_elements_text(p_names) as n (name) cross join lateral (
    select sum(h.slots)::integer as slots, min(h.until) as until from tutti.limit_hold h
    where h.name = n.name and (h.until is null or h.until > p_now) and (h.until is not null or h.task_run <> all (p_without))
  ) h;
end $$;

-- Which rows of `p_uses` there is no room for, by their places in it from 1: a task run takes all that it needs, or nothing. Who is
-- behind one that gets nothing waits with it. Whoever claims locks the limits that it touches, in one order, before it locks any run;
-- so of several claimers each sees what the one before it has taken. Who only gives back locks nothing: until its commit is seen,
-- there is less room than there is.
create function tutti.refused_uses(p_uses json, p_now timestamptz) returns integer[] language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_key bigint;
  v_refused integer[];
begin
  for v_key in
    select distinct hashtextextended('tutti limit ' || u.name, 0) as k from json_to_recordset(p_uses) as u (name text) order by k
  loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
  delete from tutti.limit_hold h
  where h.name = any (array(select u.name from json_to_recordset(p_uses) as u (name text, per_ms float8) where u.per_ms is not null)) and h.until <= p_now;
  with wanted as (
    -- What a task run holds from before it need not find again.
    select u.n, u.task_run, u.name, u.max, u.slots - case when u.per_ms is null then
      coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = u.name and h.task_run = u.task_run and h.until is null), 0) else 0 end as slots
    from rows from (json_to_recordset(p_uses) as (task_run bigint, name text, slots integer, max integer, per_ms float8))
      with ordinality as u (task_run, name, slots, max, per_ms, n)
  ), room as (
    select w.name, coalesce(min(w.max), (select p.slots from tutti.pool p where p.name = substr(w.name, 6) and starts_with(w.name, 'pool ')), 0)
      - coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = w.name and (h.until is null or h.until > p_now)), 0) as slots
    from wanted w group by w.name
  ), added as (
    select w.task_run, w.name, sum(w.slots) over (partition by w.name order by w.n) as slots from wanted w
  )
  select array_agg(w.n::integer) into v_refused from wanted w
  where w.task_run in (select a.task_run from added a join room r on r.name = a.name where a.slots > r.slots);
  return coalesce(v_refused, '{}');
end $$;

create function tutti.take_uses(p_uses json, p_dropped integer[], p_refused integer[], p_now timestamptz) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  delete from tutti.limit_hold h where h.until is null and h.task_run = any (array(
    select u.task_run from rows from (json_to_recordset(p_uses) as (place integer, task_run bigint)) with ordinality as u (place, task_run, n)
    where u.place <> all (p_dropped) and u.n <> all (p_refused)
  ));
  insert into tutti.limit_hold (name, task_run, claim, slots, since, until)
  select u.name, u.task_run, u.claim, u.slots, p_now, p_now + u.per_ms * interval '1 millisecond'
  from rows from (json_to_recordset(p_uses) as (place integer, task_run bigint, claim integer, name text, slots integer, per_ms float8))
    with ordinality as u (place, task_run, claim, name, slots, per_ms, n)
  where u.place <> all (p_dropped) and u.n <> all (p_refused)
  on conflict (name, task_run, claim) do update set slots = excluded.slots, since = excluded.since, until = excluded.until;
end $$;

-- What was offered and is decided before anybody has claimed it gives its room back, so the offer goes too: queued anew, it would be
-- claimed by the old one, without room. Of what has run no offer is left.
create function tutti.release_uses(p_releases json, p_dropped integer[]) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_offered bigint[];
begin
  delete from tutti.limit_hold h where h.until is null and h.task_run = any (array(
    select r.task_run from json_to_recordset(p_releases) as r (place integer, task_run bigint) where r.place <> all (p_dropped)
  ));
  if strpos(p_releases::text, '"offered":true') > 0 then
    v_offered := array(
      select r.task_run from json_to_recordset(p_releases) as r (place integer, task_run bigint, offered boolean)
      where r.offered and r.place <> all (p_dropped)
    );
    delete from tutti.offer o
    where o.run = any (array(select t.run from tutti.task_run t where t.id = any (v_offered))) and o.task_run = any (v_offered) and o.worker is null;
  end if;
end $$;

-- A commit with alerts, or that takes or gives back something of limits: the same as without, and all of that goes with it. Claims and
-- offers for which there is no room are left out, and a group of nothing else is dropped. Among the groups that were dropped those
-- have places below zero, and rows of `p_uses` that were left out of groups which were applied stand behind the last group. Any other
-- commit pays nothing.
create function tutti.commit_with(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[],
  p_task_runs bigint[], p_creates json, p_advances json,
  p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json,
  p_alerts json, p_uses json, p_releases json, p_now timestamptz)
  returns integer[] language plpgsql as $$
declare
  v_refused integer[] := '{}';
  v_task_runs bigint[];
  v_full integer[] := '{}';
  v_said integer[] := '{}';
  v_dropped integer[];
begin
  if p_uses is not null then
    v_refused := tutti.refused_uses(p_uses, p_now);
    if v_refused <> '{}' then
      v_full := tutti.full_groups(p_uses, v_refused, false);
      -- Of a claim whose run has moved it is not said that there is no room: it may be made already.
      v_said := array(
        select g.place from json_to_recordset(p_advances) as g (place integer, id uuid, revision integer)
          join tutti.run r on r.id = any (p_runs) and r.id = g.id and r.revision = g.revision
        where g.place = any (v_full)
      );
      v_task_runs := array(
        select u.task_run from rows from (json_to_recordset(p_uses) as (task_run bigint)) with ordinality as u (task_run, n) where u.n = any (v_refused)
      );
      -- Claims that are left out change no counter: they would have gone from queued to running.
      p_advances := (
        select json_agg(case when c.n is null then a.e else (a.e::jsonb || jsonb_build_object('counts',
          tutti.add_counts((a.e ->> 'counts')::integer[], array[0, c.n, -c.n, 0, 0, 0, 0, 0, 0, 0, 0])::text))::json end)
        from json_array_elements(p_advances) as a (e) left join (
          select x.place, count(*)::integer as n from json_to_recordset(p_changes) as x (place integer, id bigint)
          where x.id = any (v_task_runs) group by x.place
        ) c on c.place = (a.e ->> 'place')::integer
        where (a.e ->> 'place')::integer <> all (v_full)
      );
      p_changes := (select json_agg(e) from json_array_elements(p_changes) e where (e ->> 'id')::bigint <> all (v_task_runs));
      p_offers := (select json_agg(e) from json_array_elements(p_offers) e where (e ->> 'task_run')::bigint <> all (v_task_runs));
    end if;
  end if;
  v_dropped := tutti.commit_groups(p_writer, p_number, p_groups, p_scheduler, p_runs, p_task_runs, p_creates, p_advances, p_run_changes,
    p_drawers, p_changes, p_inserts, p_attempts, p_offers, p_results);
  return tutti.after_commit(p_writer, p_groups, v_dropped, v_said, v_refused, p_alerts, p_uses, p_releases, p_now);
end $$;

-- The places of groups that have no room: for anything, or (`p_any`) for something.
create function tutti.full_groups(p_uses json, p_refused integer[], p_any boolean) returns integer[] language sql as $$
  select coalesce(array_agg(g.place), '{}') from (
    select u.place from rows from (json_to_recordset(p_uses) as (place integer)) with ordinality as u (place, n)
    group by u.place having case when p_any then bool_or(u.n = any (p_refused)) else bool_and(u.n = any (p_refused)) end
  ) g
$$;

-- One after the other a group has room for all that it wants, or is dropped.
create function tutti.commit_with_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json,
  p_alerts json, p_uses json, p_releases json, p_now timestamptz)
  returns integer[] language plpgsql as $$
declare
  v_full integer[] := '{}';
  v_said integer[] := '{}';
  v_dropped integer[];
begin
  if p_uses is not null then
    v_full := tutti.full_groups(p_uses, tutti.refused_uses(p_uses, p_now), true);
    if v_full <> '{}' then
      v_said := array(
        select x.n::integer from json_array_elements(p_groups) with ordinality as x (e, n)
          join tutti.run r on r.id = (x.e #>> '{advances,0,id}')::uuid and r.revision = (x.e #>> '{advances,0,revision}')::integer
        where x.n = any (v_full)
      );
      p_groups := (select json_agg(case when n = any (v_full) then '{"runs": "{}", "task_runs": "{}"}'::json else e end order by n)
        from json_array_elements(p_groups) with ordinality as x (e, n));
    end if;
  end if;
  v_dropped := tutti.commit_groups_apart(p_writer, p_number, p_scheduler, p_runs, p_groups);
  return tutti.after_commit(p_writer, json_array_length(p_groups), v_dropped, v_said, '{}', p_alerts, p_uses, p_releases, p_now);
end $$;

create function tutti.after_commit(p_writer bigint, p_groups integer, p_dropped integer[], p_full integer[], p_refused integer[],
  p_alerts json, p_uses json, p_releases json, p_now timestamptz) returns integer[] language plpgsql as $$
declare
  v_said integer[] := p_dropped;
begin
  if p_alerts is not null then
    perform tutti.add_alerts(p_alerts, p_dropped);
  end if;
  if p_releases is not null then
    perform tutti.release_uses(p_releases, p_dropped);
  end if;
  if p_uses is not null then
    perform tutti.take_uses(p_uses, p_dropped, p_refused, p_now);
  end if;
  if p_full <> '{}' then
    v_said := array(select case when place = any (p_full) then -place else place end from unnest(p_dropped) as place);
  end if;
  if p_refused <> '{}' then
    v_said := v_said || array(
      select p_groups + u.n::integer from rows from (json_to_recordset(p_uses) as (place integer)) with ordinality as u (place, n)
      where u.n = any (p_refused) and u.place <> all (p_dropped) order by u.n
    );
  end if;
  if v_said <> p_dropped then
    update tutti.writer set dropped = v_said where id = p_writer;
  end if;
  return v_said;
end $$;
