-- why: pools, and what running tasks hold of limits. A row of `limit_hold` is written with the claim and goes with the end of what was
-- claimed; of a rate it stays until its time is over. Tasks without limits have none.
-- compatible_from: 0.1.0

create table pool (
  name text primary key,
  slots integer not null,
  -- What the configuration said last; null: it names it no more. Another number there is taken over, the same one is not.
  declared integer,
  changed_at integer not null,
  changed_by text
) strict, without rowid;

create table limit_hold (
  name text not null,
  task_run integer not null,
  -- A rate counts each.
  claim integer not null,
  slots integer not null,
  since integer not null,
  -- Null: until the task run ends.
  until integer,
  primary key (name, task_run, claim)
) strict, without rowid;
create index limit_hold_by_task_run on limit_hold (task_run);
