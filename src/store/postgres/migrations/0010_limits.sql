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

-- Which groups of a batch have no room, by their places. Whoever claims locks the limits that it touches, in one order, before it locks
-- any run; so of several claimers each sees what the one before it has taken. Who only gives back locks nothing: until its commit is
-- seen, there is less room than there is.
create function tutti.full_groups(p_uses json, p_now timestamptz) returns integer[] language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_key bigint;
  v_free jsonb;
  v_needs jsonb;
  v_full integer[] := '{}';
  g record;
begin
  for v_key in
    select distinct hashtextextended('tutti limit ' || u.name, 0) as k from json_to_recordset(p_uses) as u (name text) order by k
  loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
  delete from tutti.limit_hold h
  where h.name = any (array(select u.name from json_to_recordset(p_uses) as u (name text, per_ms float8) where u.per_ms is not null)) and h.until <= p_now;
  select jsonb_object_agg(n.name, coalesce(n.max, (select p.slots from tutti.pool p where p.name = substr(n.name, 6) and starts_with(n.name, 'pool ')), 0)
    - coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = n.name and (h.until is null or h.until > p_now)), 0))
  into v_free
  from (select u.name, min(u.max) as max from json_to_recordset(p_uses) as u (name text, max integer) group by u.name) n;
  -- What a task run holds from before it need not find again.
  for g in
    select w.place, jsonb_object_agg(w.name, w.slots) as needs
    from (
      select u.place, u.name, sum(u.slots - case when u.per_ms is null then
        coalesce((select sum(h.slots) from tutti.limit_hold h where h.name = u.name and h.task_run = u.task_run and h.until is null), 0) else 0 end) as slots
      from json_to_recordset(p_uses) as u (place integer, task_run bigint, name text, slots integer, per_ms float8)
      group by u.place, u.name
    ) w
    group by w.place order by w.place
  loop
    if exists (select from jsonb_each_text(g.needs) as n (name, slots) where (v_free ->> n.name)::bigint < n.slots::bigint) then
      v_full := v_full || g.place;
    else
      select jsonb_object_agg(n.name, (v_free ->> n.name)::bigint - n.slots::bigint) into v_needs from jsonb_each_text(g.needs) as n (name, slots);
      v_free := v_free || v_needs;
    end if;
  end loop;
  return v_full;
end $$;

create function tutti.take_uses(p_uses json, p_dropped integer[], p_now timestamptz) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  delete from tutti.limit_hold h where h.until is null and h.task_run = any (array(
    select u.task_run from json_to_recordset(p_uses) as u (place integer, task_run bigint) where u.place <> all (p_dropped)
  ));
  insert into tutti.limit_hold (name, task_run, claim, slots, since, until)
  select u.name, u.task_run, u.claim, u.slots, p_now, p_now + u.per_ms * interval '1 millisecond'
  from json_to_recordset(p_uses) as u (place integer, task_run bigint, claim integer, name text, slots integer, per_ms float8)
  where u.place <> all (p_dropped)
  on conflict (name, task_run, claim) do update set slots = excluded.slots, since = excluded.since, until = excluded.until;
end $$;

create function tutti.release_uses(p_releases json, p_dropped integer[]) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  delete from tutti.limit_hold h where h.until is null and h.task_run = any (array(
    select r.task_run from json_to_recordset(p_releases) as r (place integer, task_run bigint) where r.place <> all (p_dropped)
  ));
end $$;

-- A commit with alerts, or that takes or gives back something of limits: the same as without, and all of that goes with it. Groups for
-- which there is no room are left out; among those that were dropped, their places are below zero. Any other commit pays nothing.
create function tutti.commit_with(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[],
  p_task_runs bigint[], p_creates json, p_advances json,
  p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json,
  p_alerts json, p_uses json, p_releases json, p_now timestamptz)
  returns integer[] language plpgsql as $$
declare
  v_full integer[] := '{}';
  v_dropped integer[];
begin
  if p_uses is not null then
    v_full := tutti.full_groups(p_uses, p_now);
    if v_full <> '{}' then
      p_advances := (select json_agg(e) from json_array_elements(p_advances) e where (e ->> 'place')::integer <> all (v_full));
    end if;
  end if;
  v_dropped := tutti.commit_groups(p_writer, p_number, p_groups, p_scheduler, p_runs, p_task_runs, p_creates, p_advances, p_run_changes,
    p_drawers, p_changes, p_inserts, p_attempts, p_offers, p_results);
  return tutti.after_commit(p_writer, v_dropped, v_full, p_alerts, p_uses, p_releases, p_now);
end $$;

create function tutti.commit_with_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json,
  p_alerts json, p_uses json, p_releases json, p_now timestamptz)
  returns integer[] language plpgsql as $$
declare
  v_full integer[] := '{}';
  v_dropped integer[];
begin
  if p_uses is not null then
    v_full := tutti.full_groups(p_uses, p_now);
    if v_full <> '{}' then
      p_groups := (select json_agg(case when n = any (v_full) then '{"runs": "{}", "task_runs": "{}"}'::json else e end order by n)
        from json_array_elements(p_groups) with ordinality as x (e, n));
    end if;
  end if;
  v_dropped := tutti.commit_groups_apart(p_writer, p_number, p_scheduler, p_runs, p_groups);
  return tutti.after_commit(p_writer, v_dropped, v_full, p_alerts, p_uses, p_releases, p_now);
end $$;

create function tutti.after_commit(p_writer bigint, p_dropped integer[], p_full integer[], p_alerts json, p_uses json, p_releases json,
  p_now timestamptz) returns integer[] language plpgsql as $$
begin
  if p_alerts is not null then
    perform tutti.add_alerts(p_alerts, p_dropped);
  end if;
  if p_releases is not null then
    perform tutti.release_uses(p_releases, p_dropped);
  end if;
  if p_uses is not null then
    perform tutti.take_uses(p_uses, p_dropped, p_now);
  end if;
  if p_full <> '{}' then
    p_dropped := array(select case when place = any (p_full) then -place else place end from unnest(p_dropped) as place);
    update tutti.writer set dropped = p_dropped where id = p_writer;
  end if;
  return p_dropped;
end $$;
