-- why: what a task has recorded forgives the workers that were lost before: one that goes on from loss to loss is no poison task.
-- Its steps stand in its drawer, under keys that begin with U+0001.
-- compatible_from: 0.1.0

create or replace function tutti.put_drawer(p_state_of bigint, p_memory_of bigint, p_key text, p_value text) returns void language plpgsql as $$
begin
  if p_value is null then
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
