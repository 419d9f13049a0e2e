-- why: the outbox of alerts. A row is one message to one receiver, recorded with what it tells of.
-- compatible_from: 0.1.0

-- It outlives its run, so it names the run and the version by themselves.
create table alert (
  id integer primary key autoincrement,
  workflow text,
  run text,
  version integer,
  event text not null,
  -- "": about the whole run.
  task text not null,
  handler text not null,
  receiver text not null,
  task_run integer not null,
  attempt integer,
  count integer not null,
  error text,
  at integer not null,
  state text not null check (state = 'waiting' or state = 'trying' or state = 'delivered' or state = 'failed'),
  due_at integer not null,
  claim integer not null default 0,
  tries integer not null default 0,
  last_error text,
  undelivered text,
  delivered_at integer,
  once text unique
) strict;
create index alert_due on alert (due_at) where state = 'waiting' or state = 'trying';
-- More of the same join the message that still gathers; the index is also how it is known that there was one before.
create unique index alert_gathers on alert (run, handler, task, event) where state = 'waiting' and run is not null and undelivered is null;
create index alert_by_run on alert (run, handler, task, event) where run is not null;
create index alert_failed on alert (state, id) where state = 'failed';
