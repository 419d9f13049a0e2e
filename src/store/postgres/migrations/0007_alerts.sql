-- why: the outbox of alerts. A row is one message to one receiver, recorded with what it tells of.
-- compatible_from: 0.1.0

-- It outlives its run, so it names the run and the version by themselves. Rows are few; those that wait are found by a partial index.
create table tutti.alert (
  id bigint generated always as identity primary key,
  workflow text,
  run text,
  version bigint,
  event text not null,
  -- '': about the whole run.
  task text not null,
  handler text not null,
  receiver text not null,
  task_run bigint not null,
  attempt integer,
  count integer not null,
  error text,
  at timestamptz not null,
  state text not null check (state in ('waiting', 'trying', 'delivered', 'failed')),
  due_at timestamptz not null,
  claim integer not null default 0,
  tries integer not null default 0,
  last_error text,
  undelivered text,
  delivered_at timestamptz,
  once text unique
);
create index alert_due on tutti.alert (due_at) where state in ('waiting', 'trying');
-- More of the same join the message that still gathers; the second index is how it is known that there was one before.
create unique index alert_gathers on tutti.alert (run, handler, task, event) where state = 'waiting' and run is not null and undelivered is null;
create index alert_by_run on tutti.alert (run, handler, task, event) where run is not null;
create index alert_failed on tutti.alert (state, id) where state = 'failed';

-- Those of groups that were dropped are left out.
create function tutti.add_alerts(p_alerts json, p_dropped integer[]) returns void language plpgsql as $$
declare
  a record;
begin
  for a in
    select * from json_to_recordset(p_alerts) as x (place integer, workflow text, run text, version bigint, event text, task text, handler text,
      receiver text, task_run bigint, attempt integer, count integer, error text, at bigint, due_at bigint, then_due_at bigint, once text)
    where coalesce(x.place, 0) <> all (p_dropped)
  loop
    if a.once is not null then
      insert into tutti.alert (workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, state, due_at, once)
      values (a.workflow, a.run, a.version, a.event, a.task, a.handler, a.receiver, a.task_run, a.attempt, a.count, a.error,
        tutti.instant(a.at), 'waiting', tutti.instant(a.due_at), a.once)
      on conflict do nothing;
    else
      insert into tutti.alert as o (workflow, run, version, event, task, handler, receiver, task_run, attempt, count, error, at, state, due_at)
      values (a.workflow, a.run, a.version, a.event, a.task, a.handler, a.receiver, a.task_run, a.attempt, a.count, a.error,
        tutti.instant(a.at), 'waiting',
        tutti.instant(case when exists (
          select from tutti.alert b where b.run = a.run and b.handler = a.handler and b.task = a.task and b.event = a.event
        ) then a.then_due_at else a.due_at end))
      on conflict (run, handler, task, event) where state = 'waiting' and run is not null and undelivered is null do update set count = o.count + excluded.count;
    end if;
  end loop;
end $$;

-- A commit with alerts: the same as without, and what it tells of goes with it. One without pays nothing.
create function tutti.commit_alerted(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[],
  p_task_runs bigint[], p_creates json, p_advances json,
  p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json, p_alerts json)
  returns integer[] language plpgsql as $$
declare
  v_dropped integer[];
begin
  v_dropped := tutti.commit_groups(p_writer, p_number, p_groups, p_scheduler, p_runs, p_task_runs, p_creates, p_advances, p_run_changes,
    p_drawers, p_changes, p_inserts, p_attempts, p_offers, p_results);
  perform tutti.add_alerts(p_alerts, v_dropped);
  return v_dropped;
end $$;

create function tutti.commit_alerted_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json, p_alerts json)
  returns integer[] language plpgsql as $$
declare
  v_dropped integer[];
begin
  v_dropped := tutti.commit_groups_apart(p_writer, p_number, p_scheduler, p_runs, p_groups);
  perform tutti.add_alerts(p_alerts, v_dropped);
  return v_dropped;
end $$;
