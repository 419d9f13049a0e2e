-- why: a task run waits for the end of a run of another workflow, which it has asked for, or that does a window. Whose ends anybody waits for
-- stands in `run_follower`, once somebody has; the ends of others are written by nobody.
-- compatible_from: 0.1.0

create table run_follower (
  workflow text primary key
) strict, without rowid;

create index run_by_window on run (workflow, interval_start);

drop trigger run_ended;
drop trigger run_born_ended;
create trigger run_ended after update of ended_at on run
when (new.state <> old.state or new.generation <> old.generation) and (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and (
  exists (select 1 from subscription_subject s join workflow w on w.name = s.subject where s.kind = 'run' and w.id = new.workflow)
  or exists (select 1 from run_follower f join workflow w on w.name = f.workflow where w.id = new.workflow)
)
begin
  insert into event (uid, kind, name, payload, run, at, pending)
  select 'run ' || new.id || ' ' || new.generation, 'run', w.name, json_object('runId', new.id, 'state', new.state), new.id, new.ended_at, 1
  from workflow w where w.id = new.workflow
  on conflict do nothing;
end;
create trigger run_born_ended after insert on run
when (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and (
  exists (select 1 from subscription_subject s join workflow w on w.name = s.subject where s.kind = 'run' and w.id = new.workflow)
  or exists (select 1 from run_follower f join workflow w on w.name = f.workflow where w.id = new.workflow)
)
begin
  insert into event (uid, kind, name, payload, run, at, pending)
  select 'run ' || new.id || ' ' || new.generation, 'run', w.name, json_object('runId', new.id, 'state', new.state), new.id, new.ended_at, 1
  from workflow w where w.id = new.workflow
  on conflict do nothing;
end;
