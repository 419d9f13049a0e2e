-- why: things that happen start runs. What has happened, who hears of what, which updates each waits for, and the keys by which a
-- repeated event is known.
-- compatible_from: 0.1.0

-- `uid`: whoever may have to write twice gives the same. `pending`: a run has recorded it, and nobody has delivered it yet.
create table event (
  id integer primary key autoincrement,
  uid text not null unique,
  kind text not null,
  name text not null,
  payload text,
  key text,
  partition text,
  run text,
  at integer not null,
  pending integer not null
) strict;
create index event_pending on event (id) where pending = 1;
create index event_by_name on event (kind, name, id);
create index event_by_age on event (at) where pending = 0;

-- A row stays when a version has no such trigger any more: its keys do.
create table subscription (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  kind text not null,
  -- Since when the latest version has it; null: it has none of that name.
  enabled_since integer,
  -- Of a source: rises with each turn, and guards what it found; what it gave last, and when it is due again.
  revision integer not null default 0,
  cursor text,
  cursor_since integer,
  due_at integer,
  unique (workflow, name)
) strict;

-- Who hears of what, by its name.
create table subscription_subject (
  kind text not null,
  subject text not null,
  subscription integer not null references subscription,
  primary key (kind, subject, subscription)
) strict, without rowid;

-- What has been updated since the last run, as that run will be told of it.
create table subscription_update (
  subscription integer not null references subscription,
  asset text not null,
  event text not null,
  primary key (subscription, asset)
) strict, without rowid;

create table event_key (
  subscription integer not null references subscription,
  key text not null,
  run text,
  until integer not null,
  primary key (subscription, key)
) strict, without rowid;
create index event_key_by_age on event_key (until);

-- Of a run that an event started: by which subscription, and why.
alter table run add column subscription integer;
create index run_of_event_unfinished on run (workflow) where subscription is not null and (state = 'queued' or state = 'running');
alter table run_params add column cause text;

-- In the transaction that ends the run, where somebody hears of it; one that is opened again may end in the same one.
create trigger run_ended after update of ended_at on run
when (new.state <> old.state or new.generation <> old.generation) and (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and exists (
  select 1 from subscription_subject s join workflow w on w.name = s.subject where s.kind = 'run' and w.id = new.workflow
)
begin
  insert into event (uid, kind, name, payload, run, at, pending)
  select 'run ' || new.id || ' ' || new.generation, 'run', w.name, json_object('runId', new.id, 'state', new.state), new.id, new.ended_at, 1
  from workflow w where w.id = new.workflow
  on conflict do nothing;
end;
create trigger run_born_ended after insert on run
when (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and exists (
  select 1 from subscription_subject s join workflow w on w.name = s.subject where s.kind = 'run' and w.id = new.workflow
)
begin
  insert into event (uid, kind, name, payload, run, at, pending)
  select 'run ' || new.id || ' ' || new.generation, 'run', w.name, json_object('runId', new.id, 'state', new.state), new.id, new.ended_at, 1
  from workflow w where w.id = new.workflow
  on conflict do nothing;
end;
