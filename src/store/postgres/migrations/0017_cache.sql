-- why: a task run may take a value that another one has made of the same input with the same code. Here stands only who may be asked for what;
-- the value itself is in the row of the task run that made it, and goes with it.
-- compatible_from: 0.1.0

-- Stands while its task run is that success: a claim and a generation have one end.
create table tutti.cache_entry (
  task_run bigint primary key,
  run bigint not null,
  task bigint not null,
  key text not null,
  generation integer not null,
  claim integer not null,
  made_at timestamptz not null
);
create index cache_entry_by_key on tutti.cache_entry (task, key, made_at);
create index cache_entry_by_run on tutti.cache_entry (run);

-- A task run with a value of another: that one's run, and what it wrote, stay as long.
create table tutti.cache_use (
  task_run bigint primary key,
  run bigint not null,
  source_run bigint not null,
  source_task_run bigint not null,
  source_first_claim integer not null,
  source_claim integer not null
);
create index cache_use_by_source on tutti.cache_use (source_run);

-- Runs that take none, by their ids: it is said before they are there.
create table tutti.uncached_run (
  run uuid primary key
);

-- What a task run says of its value, with its result. The run whose value it took is named by its text; it may be gone.
create function tutti.put_cache(p_task_run bigint, p_what text, p_value json) returns void language sql as $$
  insert into tutti.cache_entry (task_run, run, task, key, generation, claim, made_at)
  select t.id, t.run, t.task, p_value ->> 'key', t.generation, (p_value ->> 'claim')::int, tutti.instant((p_value ->> 'madeAt')::bigint)
  from tutti.task_run t where t.id = p_task_run and p_what = 'made'
  on conflict (task_run) do update set key = excluded.key, generation = excluded.generation, claim = excluded.claim,
    made_at = excluded.made_at;
  insert into tutti.cache_use (task_run, run, source_run, source_task_run, source_first_claim, source_claim)
  select t.id, t.run, s.run, s.id, (p_value ->> 'firstClaim')::int, (p_value ->> 'claim')::int
  from tutti.task_run t, tutti.task_run s where t.id = p_task_run and s.id = (p_value ->> 'taskRunId')::bigint and p_what = 'taken'
  on conflict (task_run) do update set source_run = excluded.source_run, source_task_run = excluded.source_task_run,
    source_first_claim = excluded.source_first_claim, source_claim = excluded.source_claim;
$$;

-- As before; what a task run says of its value goes into the tables above.
create or replace function tutti.put_drawer(p_state_of bigint, p_memory_of bigint, p_key text, p_value text) returns void language plpgsql as $$
begin
  if p_state_of is not null and starts_with(p_key, U&'\0001#') then
    perform tutti.put_cache(p_state_of, substr(p_key, 3), p_value::json);
  elsif p_state_of is not null and starts_with(p_key, U&'\0001!') then
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
