-- why: a task run waits for the end of a run of another workflow, which it has asked for, or that does a window. Whose ends anybody waits for
-- stands in `run_follower`, once somebody has; the ends of others are written by nobody.
-- compatible_from: 0.1.0

create table tutti.run_follower (
  workflow text primary key
);

create index run_by_window on tutti.run (workflow, interval_start);

-- As before; also where somebody waits. The event has the name as its user wrote it: where names are kept, a backslash stands twice.
create or replace function tutti.run_ended() returns trigger language plpgsql as $$
begin
  if new.subscription is not null then
    new.held := false;
  end if;
  if new.state in ('succeeded', 'failed', 'cancelled') then
    insert into tutti.event (uid, kind, name, payload, run, at, pending)
    select 'run ' || new.id || ' ' || new.generation, 'run', plain.name,
      json_build_object('runId', tutti.run_id_text(new.id), 'state', new.state)::text, new.id, coalesce(new.ended_at, now()), true
    from tutti.workflow w, replace(w.name, '\\', '\') as plain (name) where w.id = new.workflow
      and (exists (select 1 from tutti.subscription_subject s where s.kind = 'run' and s.subject = plain.name)
        or exists (select 1 from tutti.run_follower f where f.workflow = w.name))
    on conflict (uid) do nothing;
  end if;
  return new;
end $$;
