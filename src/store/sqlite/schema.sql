CREATE TABLE account (
  id integer primary key,
  name text not null unique,
  role text not null,
  -- The tags whose workflows it may see, as a JSON list; null: all.
  tags text,
  -- A hash; null: nobody signs in under this name.
  password text,
  disabled integer not null default 0,
  created_at integer not null
) strict;

CREATE TABLE account_session (
  hash text primary key,
  account integer not null references account,
  created_at integer not null,
  expires_at integer not null
) strict, without rowid;

CREATE INDEX account_session_by_account on account_session (account);

CREATE TABLE alert (
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
, webhook integer, payload text) strict;

CREATE INDEX alert_by_run on alert (run, handler, task, event) where run is not null;

CREATE INDEX alert_due on alert (due_at) where state = 'waiting' or state = 'trying';

CREATE INDEX alert_failed on alert (state, id) where state = 'failed';

CREATE UNIQUE INDEX alert_gathers on alert (run, handler, task, event) where state = 'waiting' and run is not null and undelivered is null;

CREATE INDEX alert_of_webhook on alert (webhook, state, id) where webhook is not null;

CREATE TABLE api_token (
  id integer primary key autoincrement,
  name text not null,
  hash text not null unique,
  -- Null: nobody's, as for a program.
  account integer references account,
  role text not null,
  tags text,
  created_by text not null,
  created_at integer not null,
  expires_at integer,
  last_used_at integer,
  revoked_at integer
) strict;

CREATE INDEX api_token_by_account on api_token (account);

CREATE TABLE attempt (
  task_run integer not null,
  revision integer not null,
  place integer not null,
  generation integer not null,
  attempt integer not null,
  claim integer not null,
  worker text,
  version integer not null,
  waited_for integer,
  queued_at integer,
  claimed_at integer,
  started_at integer,
  ended_at integer not null,
  outcome text not null check (
    outcome = 'succeeded' or outcome = 'failed' or outcome = 'skipped' or outcome = 'cancelled' or outcome = 'upstream_failed' or outcome = 'lost'
  ),
  error text,
  primary key (task_run, revision, place)
) strict, without rowid;

CREATE TABLE audit_entry (
  id integer primary key autoincrement,
  at integer not null,
  actor text not null,
  action text not null,
  target text not null,
  before text,
  after text
) strict;

CREATE INDEX audit_entry_by_actor on audit_entry (actor, id);

CREATE INDEX audit_entry_by_target on audit_entry (target, id);

CREATE TABLE backfill (
  seq integer primary key,
  id text not null unique,
  workflow integer not null references workflow,
  schedule integer not null references schedule,
  -- The newest code when it was asked for; null: what is the latest when a window is reached.
  version integer,
  -- Which windows, in which order, what is run again and with which code: JSON.
  plan text not null,
  max_active_runs integer not null,
  state text not null check (state = 'running' or state = 'paused' or state = 'succeeded' or state = 'failed' or state = 'cancelled'),
  -- Rises with every step, and guards the next one.
  revision integer not null default 0,
  total integer not null,
  -- How many windows it has reached, and where the last of them ends.
  judged integer not null default 0,
  reached integer,
  -- Of these, those that it did not run, by reason: JSON.
  skipped text not null default '{}',
  -- Of these, those that it did, by outcome: JSON, once it has ended.
  outcomes text,
  created_at integer not null,
  created_by text not null,
  ended_at integer
) strict;

CREATE INDEX backfill_by_workflow on backfill (workflow, id);

CREATE INDEX backfill_unended on backfill (seq) where ended_at is null;

CREATE TABLE bundle (
  id integer primary key,
  hash text not null unique,
  code text not null,
  map text
) strict;

CREATE TABLE cache_entry (
  task_run integer primary key,
  run integer not null,
  task integer not null,
  key text not null,
  generation integer not null,
  claim integer not null,
  made_at integer not null
) strict;

CREATE INDEX cache_entry_by_key on cache_entry (task, key, made_at);

CREATE INDEX cache_entry_by_run on cache_entry (run);

CREATE TABLE cache_use (
  task_run integer primary key,
  run integer not null,
  source_run integer not null,
  source_task_run integer not null,
  source_first_claim integer not null,
  source_claim integer not null
) strict;

CREATE INDEX cache_use_by_source on cache_use (source_run);

CREATE TABLE command (
  id integer primary key autoincrement,
  kind text not null,
  run_id text,
  payload text,
  created_at integer not null
, refusal text) strict;

CREATE TABLE event (
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

CREATE INDEX event_by_age on event (at) where pending = 0;

CREATE INDEX event_by_name on event (kind, name, id);

CREATE TABLE event_key (
  subscription integer not null references subscription,
  key text not null,
  run text,
  until integer not null,
  primary key (subscription, key)
) strict, without rowid;

CREATE INDEX event_key_by_age on event_key (until);

CREATE INDEX event_of_check on event (name, key, id) where kind = 'check';

CREATE INDEX event_pending on event (id) where pending = 1;

CREATE TABLE idempotency_key (
  actor text not null,
  key text not null,
  fingerprint text not null,
  subject text not null,
  created_at integer not null,
  primary key (actor, key)
) strict, without rowid;

CREATE INDEX idempotency_key_by_age on idempotency_key (created_at);

CREATE TABLE identity (
  id text not null
) strict;

CREATE TABLE limit_hold (
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

CREATE INDEX limit_hold_by_task_run on limit_hold (task_run);

CREATE TABLE migration (
  number integer primary key,
  name text not null,
  compatible_from text not null,
  applied_at integer not null
) strict;

CREATE TABLE owner (
  id integer primary key check (id = 1),
  epoch integer not null,
  pid integer not null,
  taken_at integer not null,
  next_task_run_id integer not null
) strict;

CREATE TABLE pool (
  name text primary key,
  slots integer not null,
  -- What the configuration said last; null: it names it no more. Another number there is taken over, the same one is not.
  declared integer,
  changed_at integer not null,
  changed_by text
) strict, without rowid;

CREATE TABLE process (
  name text primary key,
  instance text not null,
  facts text not null,
  started_at integer not null,
  lease_until integer not null
) strict;

CREATE TABLE pruned_run (
  run integer primary key
) strict;

CREATE TABLE run (
  -- Given by the owner, and never again while rows of a pruned run wait for their sweep under its number.
  seq integer primary key,
  id text not null unique,
  -- No foreign keys, as on the hot tables below: each costs a look at another page when a run is made.
  workflow integer not null,
  version integer not null,
  state text not null check (state = 'queued' or state = 'running' or state = 'succeeded' or state = 'failed' or state = 'cancelled'),
  generation integer not null,
  trigger text not null,
  interval_start integer not null,
  interval_end integer not null,
  date text not null,
  timezone text not null,
  cancel_requested integer not null,
  -- It comes to its end because its time was over.
  timed_out integer not null default 0,
  created_at integer not null,
  started_at integer,
  ended_at integer
, window_id integer, held integer not null default 0, subscription integer) strict;

CREATE TRIGGER run_born_ended after insert on run
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

CREATE INDEX run_by_end on run (ended_at) where ended_at is not null;

CREATE INDEX run_by_state on run (state, id, workflow);

CREATE INDEX run_by_unsuccess on run (workflow, state, id) where state = 'failed' or state = 'cancelled';

CREATE INDEX run_by_version on run (version);

CREATE INDEX run_by_window on run (workflow, interval_start);

CREATE INDEX run_by_workflow on run (workflow, id);

CREATE TRIGGER run_ended after update of ended_at on run
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

CREATE TABLE run_follower (
  workflow text primary key
) strict, without rowid;

CREATE INDEX run_held on run (workflow) where held = 1;

CREATE TRIGGER run_moves after update of state on run when new.held = 1 and new.state <> old.state
begin
  update run set held = 0 where seq = new.seq;
end;

CREATE INDEX run_of_event_unfinished on run (workflow) where subscription is not null and (state = 'queued' or state = 'running');

CREATE TRIGGER run_outcome after update of ended_at on run
  when new.window_id is not null and (new.state <> old.state or new.generation <> old.generation)
begin
  update schedule_window
  set outcome = case when new.state = 'queued' or new.state = 'running' then null else new.state end, reopens = 0
  where id = new.window_id;
end;

CREATE TABLE run_params (
  run integer primary key references run,
  input text,
  parsed text,
  lists text
, cause text) strict;

CREATE TABLE run_partition (
  run text primary key,
  partition text not null
) strict, without rowid;

CREATE INDEX run_partition_by_key on run_partition (partition, run);

CREATE TABLE run_past_version (
  run integer not null references run,
  version integer not null references version,
  primary key (run, version)
) strict, without rowid;

CREATE INDEX run_past_version_by_version on run_past_version (version);

CREATE TABLE run_progress (
  run integer primary key,
  revision integer not null,
  -- Task runs per state, as JSON.
  counts text not null
) strict;

CREATE VIEW run_summary as
  select r.*, p.counts, w.name as workflow_name, v.hash as version_hash, q.partition
  from run r join run_progress p on p.run = r.seq join workflow w on w.id = r.workflow join version v on v.id = r.version
    left join run_partition q on q.run = r.id;

CREATE TABLE schedule (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  -- Since when the latest version has it; null: it has none of that name.
  enabled_since integer,
  -- Rises with every decision, and guards the next one.
  revision integer not null default 0,
  -- The last window decided, as JSON; null: none.
  cursor text,
  unique (workflow, name)
) strict;

CREATE TABLE schedule_watch (
  id integer primary key check (id = 1),
  up_since integer not null,
  seen_at integer not null
) strict;

CREATE TABLE schedule_window (
  id integer primary key,
  schedule integer not null references schedule,
  local_start text not null,
  start_fold integer not null,
  local_end text not null,
  end_fold integer not null,
  timezone text not null,
  starts_at integer not null,
  state text not null check (state = 'run' or state = 'missed' or state = 'passed_over'),
  run text,
  outcome text check (outcome = 'succeeded' or outcome = 'failed' or outcome = 'cancelled'), backfill integer, reopens integer not null default 0,
  unique (schedule, local_start, start_fold, local_end, end_fold, timezone)
) strict;

CREATE INDEX schedule_window_by_backfill on schedule_window (backfill, outcome) where backfill is not null;

CREATE INDEX schedule_window_by_start on schedule_window (schedule, starts_at);

CREATE INDEX schedule_window_unfinished on schedule_window (schedule) where state = 'run' and outcome is null;

CREATE TABLE secret (
  id integer primary key,
  kind text not null check (kind = 'connection' or kind = 'secret'),
  name text not null,
  sealed text not null,
  key_id text not null,
  shown text,
  description text,
  -- The tags whose workflows may use it, as a JSON list; null: all.
  tags text,
  created_at integer not null,
  updated_at integer not null,
  updated_by text not null,
  unique (kind, name)
) strict;

CREATE TABLE subscription (
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

CREATE TABLE subscription_subject (
  kind text not null,
  subject text not null,
  subscription integer not null references subscription,
  primary key (kind, subject, subscription)
) strict, without rowid;

CREATE TABLE subscription_update (
  subscription integer not null references subscription,
  asset text not null,
  event text not null,
  primary key (subscription, asset)
) strict, without rowid;

CREATE TABLE task (
  id integer primary key,
  workflow integer not null references workflow,
  name text not null,
  unique (workflow, name)
) strict;

CREATE TABLE task_memory (
  task integer not null references task,
  key text not null,
  value text not null,
  primary key (task, key)
) strict, without rowid;

CREATE TABLE task_run (
  id integer primary key,
  run integer not null,
  task integer not null,
  map_index integer not null default -1,
  state text not null check (
    state = 'running' or state = 'succeeded' or state = 'queued' or state = 'waiting' or state = 'deferred' or state = 'up_for_retry'
    or state = 'failed' or state = 'skipped' or state = 'upstream_failed' or state = 'cancelled' or state = 'removed'
  ),
  claim integer not null default 0,
  attempt integer not null default 1,
  generation integer not null default 1,
  losses integer not null default 0,
  worker text,
  queued_at integer,
  claimed_at integer,
  started_at integer,
  ended_at integer,
  due_at integer,
  -- What outlives a generation: groupRetries, discarded.
  history text,
  -- What the last end of it said: error, skipReason, arms, lists, frame.
  result text,
  output text
) strict;

CREATE UNIQUE INDEX task_run_by_place on task_run (run, task, map_index);

CREATE TABLE task_state (
  task_run integer not null,
  key text not null,
  value text not null,
  primary key (task_run, key)
) strict, without rowid;

CREATE TABLE uncached_run (
  run text primary key
) strict, without rowid;

CREATE TABLE version (
  id integer primary key,
  hash text not null unique,
  workflow integer not null references workflow,
  bundle integer not null references bundle,
  file text not null,
  outside text not null,
  task_ids text not null,
  created_at integer not null,
  -- When it was last registered: retention counts from here.
  used_at integer not null,
  manifest text not null
) strict;

CREATE INDEX version_by_bundle on version (bundle);

CREATE INDEX version_by_workflow on version (workflow);

CREATE TABLE webhook (
  id integer primary key autoincrement,
  url text not null,
  name text not null,
  -- Its name; the value is kept where secrets are.
  secret text not null,
  -- Both JSON lists; null: of all workflows, and what comes from outside.
  events text not null,
  workflows text,
  disabled integer not null,
  created_at integer not null,
  created_by text not null
) strict;

CREATE TRIGGER webhook_of_event after insert on event
when (new.kind = 'asset' or new.kind = 'check' or new.kind = 'event') and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.run, e.name, '', 'webhook.' || h.id, h.name, 0, 1, new.at, 'trying', new.at,
    'webhook ' || h.id || ' event ' || new.id, h.id,
    json_object('name', new.name, 'key', new.key, 'partition', new.partition, 'payload', json(new.payload))
  from webhook h
    join (select case new.kind when 'asset' then 'asset.updated' when 'event' then 'event.emitted' else
      case json_extract(new.payload, '$.status') when 'warn' then 'check.warned' when 'fail' then 'check.failed' end end as name) e
    left join run r on r.id = new.run left join workflow w on w.id = r.workflow
  where h.disabled = 0 and exists (select 1 from json_each(h.events) where value = e.name)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;

CREATE TRIGGER webhook_of_run after update of ended_at on run
when (new.state <> old.state or new.generation <> old.generation) and (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled')
  and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.id, 'run.' || new.state, '', 'webhook.' || h.id, h.name, 0, 1, new.ended_at, 'trying', new.ended_at,
    'webhook ' || h.id || ' run ' || new.id || ' ' || new.generation, h.id,
    json_object('state', new.state, 'generation', new.generation, 'trigger', new.trigger, 'date', new.date)
  from webhook h, workflow w
  where w.id = new.workflow and h.disabled = 0 and exists (select 1 from json_each(h.events) where value = 'run.' || new.state)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;

CREATE TRIGGER webhook_of_run_born_ended after insert on run
when (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.id, 'run.' || new.state, '', 'webhook.' || h.id, h.name, 0, 1, new.ended_at, 'trying', new.ended_at,
    'webhook ' || h.id || ' run ' || new.id || ' ' || new.generation, h.id,
    json_object('state', new.state, 'generation', new.generation, 'trigger', new.trigger, 'date', new.date)
  from webhook h, workflow w
  where w.id = new.workflow and h.disabled = 0 and exists (select 1 from json_each(h.events) where value = 'run.' || new.state)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;

CREATE TABLE workflow (
  id integer primary key,
  name text not null unique,
  latest_version integer,
  -- Ended runs per state, as JSON, kept in the transaction that ends them: a group-by over a million rows takes 478 ms.
  run_counts text not null default '{}'
, retired_at integer, enabled_since integer, paused_at integer, paused_by text) strict;
