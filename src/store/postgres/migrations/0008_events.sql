-- why: things that happen start runs. What has happened, who hears of what, which updates each waits for, and the keys by which a
-- repeated event is known.
-- compatible_from: 0.1.0

-- `uid`: whoever may have to write twice gives the same. `pending`: a run has recorded it, and nobody has delivered it yet. `tx`: several
-- write at once, so a number alone does not say what came after what.
create table tutti.event (
  id bigint generated always as identity primary key,
  tx xid8 not null default pg_current_xact_id(),
  uid text not null unique,
  kind text not null,
  name text not null,
  payload text,
  key text,
  partition text,
  run uuid,
  at timestamptz not null,
  pending boolean not null
) with (fillfactor = 90);
create index event_pending on tutti.event (id) where pending;
create index event_by_name on tutti.event (kind, name, id);
create index event_by_age on tutti.event (at) where not pending;

-- A row stays when a version has no such trigger any more: its keys do.
create table tutti.subscription (
  id bigint generated always as identity primary key,
  workflow bigint not null references tutti.workflow,
  name text not null,
  kind text not null,
  -- Since when the latest version has it; null: it has none of that name.
  enabled_since timestamptz,
  -- Of a source: rises with each turn, and guards what it found; what it gave last, and when it is due again.
  revision integer not null default 0,
  cursor text,
  cursor_since timestamptz,
  due_at timestamptz,
  unique (workflow, name)
) with (fillfactor = 50);

-- Who hears of what, by its name.
create table tutti.subscription_subject (
  kind text not null,
  subject text not null,
  subscription bigint not null references tutti.subscription,
  primary key (kind, subject, subscription)
);

-- What has been updated since the last run, as that run will be told of it.
create table tutti.subscription_update (
  subscription bigint not null references tutti.subscription,
  asset text not null,
  event text not null,
  primary key (subscription, asset)
);

create table tutti.event_key (
  subscription bigint not null references tutti.subscription,
  key text not null,
  run uuid,
  until timestamptz not null,
  primary key (subscription, key)
);
create index event_key_by_age on tutti.event_key (until);

-- Of a run that an event started: by which subscription, and why.
alter table tutti.run add column subscription bigint;
create index run_of_event_unfinished on tutti.run (workflow) where subscription is not null and state in ('queued', 'running');
alter table tutti.run_params add column cause text;

-- In the transaction that ends the run, where somebody hears of it; one that is opened again may end in the same one. Whoever advances a run that was held no longer holds it back.
create function tutti.run_ended() returns trigger language plpgsql as $$
begin
  if new.subscription is not null then
    new.held := false;
  end if;
  if new.state in ('succeeded', 'failed', 'cancelled') then
    insert into tutti.event (uid, kind, name, payload, run, at, pending)
    select 'run ' || new.id || ' ' || new.generation, 'run', w.name,
      json_build_object('runId', tutti.run_id_text(new.id), 'state', new.state)::text, new.id, coalesce(new.ended_at, now()), true
    from tutti.workflow w where w.id = new.workflow
      and exists (select 1 from tutti.subscription_subject s where s.kind = 'run' and s.subject = w.name)
    on conflict (uid) do nothing;
  end if;
  return new;
end $$;
-- A run's id as everybody reads it: 26 characters for 130 bits, of which it has 128.
create function tutti.run_id_text(id uuid) returns text language sql immutable strict parallel safe
  return (
    select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits from 1 + 5 * place for 5)::bit(5)::int + 1, 1), '' order by place)
    from (select ('x00' || replace(id::text, '-', ''))::bit(136) << 6 as bits) b, generate_series(0, 25) as place
  );
create trigger run_ended before update of state on tutti.run for each row
  when ((new.state <> old.state or new.generation <> old.generation) and (new.subscription is not null or new.state in ('succeeded', 'failed', 'cancelled')))
  execute function tutti.run_ended();
create trigger run_born_ended after insert on tutti.run for each row
  when (new.state in ('succeeded', 'failed', 'cancelled')) execute function tutti.run_ended();

-- As before; what a task says of an event with its result becomes one, once.
create or replace function tutti.put_drawer(p_state_of bigint, p_memory_of bigint, p_key text, p_value text) returns void language plpgsql as $$
begin
  if p_state_of is not null and starts_with(p_key, U&'\0001!') then
    insert into tutti.event (uid, kind, name, payload, key, partition, run, at, pending)
    select 'task ' || p_state_of || ' ' || substr(p_key, 3), v ->> 'kind', v ->> 'name', v ->> 'payload', v ->> 'key', v ->> 'partition', r.id,
      tutti.instant((v ->> 'at')::bigint), true
    from (select p_value::json as v) e, tutti.task_run t join tutti.run r on r.seq = t.run where t.id = p_state_of
    on conflict (uid) do nothing;
  elsif p_value is null then
    delete from tutti.task_state s where s.task_run = p_state_of and md5(s.key) = md5(p_key);
    delete from tutti.task_memory m where m.task = p_memory_of and md5(m.key) = md5(p_key);
  elsif p_state_of is not null then
    insert into tutti.task_state (task_run, key, value) values (p_state_of, p_key, p_value)
    on conflict (task_run, md5(key)) do update set value = excluded.value;
    if starts_with(p_key, U&'\0001') then
      update tutti.task_run t set losses = 0 where t.id = p_state_of and t.losses > 0;
    end if;
  else
    insert into tutti.task_memory (task, key, value) values (p_memory_of, p_key, p_value)
    on conflict (task, md5(key)) do update set value = excluded.value;
  end if;
end $$;

-- A run that an event has started; false: it was recorded before.
create function tutti.start_run(p_scheduler bigint, p_subscription bigint, p_held boolean, p_cause text, p_run json) returns boolean language plpgsql as $$
declare
  v record;
  v_workflow bigint;
  v_seq bigint;
begin
  select * into v from json_to_record(p_run) as x (id uuid, version bigint, trigger text, interval_start bigint, interval_end bigint, date text,
    timezone text, created_at bigint, input text, parsed text, lists text);
  select workflow into v_workflow from tutti.version where id = v.version;
  insert into tutti.run (id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone,
    cancel_requested, created_at, counts, scheduler, subscription, held)
  values (v.id, v_workflow, v.version, 'queued', 1, 1, v.trigger, tutti.instant(v.interval_start), tutti.instant(v.interval_end), v.date, v.timezone,
    false, tutti.instant(v.created_at), array[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], case when not p_held then p_scheduler end, p_subscription, p_held)
  on conflict (id) do nothing
  returning seq into v_seq;
  if v_seq is null then
    return false;
  end if;
  insert into tutti.run_params (run, input, parsed, lists, cause) values (v_seq, v.input, v.parsed, v.lists, p_cause);
  insert into tutti.run_count as n (workflow, state, shard, runs) values (v_workflow, 'queued', pg_backend_pid() % 16, 1)
  on conflict (workflow, state, shard) do update set runs = n.runs + 1;
  return true;
end $$;
