create table tutti.account (
  id bigint not null generated always as identity,
  name text not null,
  role text not null,
  tags text,
  password text,
  disabled boolean not null default false,
  created_at timestamp with time zone not null
);

create table tutti.account_session (
  hash text not null,
  account bigint not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);

create table tutti.alert (
  id bigint not null generated always as identity,
  workflow text,
  run text,
  version bigint,
  event text not null,
  task text not null,
  handler text not null,
  receiver text not null,
  task_run bigint not null,
  attempt integer,
  count integer not null,
  error text,
  at timestamp with time zone not null,
  state text not null,
  due_at timestamp with time zone not null,
  claim integer not null default 0,
  tries integer not null default 0,
  last_error text,
  undelivered text,
  delivered_at timestamp with time zone,
  once text,
  webhook bigint,
  payload text
);

create table tutti.api_token (
  id bigint not null generated always as identity,
  name text not null,
  hash text not null,
  account bigint,
  role text not null,
  tags text,
  created_by text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone
) with (fillfactor=80);

create table tutti.attempt (
  run bigint not null,
  revision integer not null,
  place integer not null,
  task_run bigint not null,
  generation integer not null,
  attempt integer not null,
  claim integer not null,
  version bigint not null,
  waited_for bigint,
  queued_at timestamp with time zone,
  claimed_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone not null,
  worker text,
  outcome text not null,
  error text
) with (autovacuum_vacuum_insert_scale_factor=0.1);

create table tutti.audit_entry (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  actor text not null,
  action text not null,
  target text not null,
  before text,
  after text
);

create table tutti.backfill (
  seq bigint not null generated always as identity,
  id text not null,
  workflow bigint not null,
  schedule bigint not null,
  version bigint,
  plan text not null,
  max_active_runs integer not null,
  state text not null,
  revision integer not null default 0,
  total integer not null,
  judged integer not null default 0,
  reached timestamp with time zone,
  skipped text not null default '{}'::text,
  outcomes text,
  created_at timestamp with time zone not null,
  created_by text not null,
  ended_at timestamp with time zone
) with (fillfactor=50);

create table tutti.bundle (
  id bigint not null generated always as identity,
  hash text not null,
  code text not null,
  map text
);

create table tutti.cache_entry (
  task_run bigint not null,
  run bigint not null,
  task bigint not null,
  key text not null,
  generation integer not null,
  claim integer not null,
  made_at timestamp with time zone not null
);

create table tutti.cache_use (
  task_run bigint not null,
  run bigint not null,
  source_run bigint not null,
  source_task_run bigint not null,
  source_first_claim integer not null,
  source_claim integer not null
);

create table tutti.command (
  id bigint not null generated always as identity,
  kind text not null,
  run uuid,
  payload text,
  created_at timestamp with time zone not null,
  scheduler bigint,
  refusal text
);

create table tutti.event (
  id bigint not null generated always as identity,
  tx xid8 not null default pg_current_xact_id(),
  uid text not null,
  kind text not null,
  name text not null,
  payload text,
  key text,
  partition text,
  run uuid,
  at timestamp with time zone not null,
  pending boolean not null
) with (fillfactor=90);

create table tutti.event_key (
  subscription bigint not null,
  key text not null,
  run uuid,
  until timestamp with time zone not null
);

create table tutti.idempotency_key (
  actor text not null,
  key text not null,
  fingerprint text not null,
  subject text not null,
  created_at timestamp with time zone not null
);

create table tutti.identity (
  id uuid not null default gen_random_uuid()
);

create table tutti.limit_hold (
  name text not null,
  task_run bigint not null,
  claim integer not null,
  slots integer not null,
  since timestamp with time zone not null,
  until timestamp with time zone
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);

create table tutti.migration (
  number integer not null,
  name text not null,
  compatible_from text not null,
  applied_at timestamp with time zone not null
);

create table tutti.offer (
  id bigint not null generated always as identity,
  run bigint not null,
  task_run bigint not null,
  claim integer not null,
  queue text not null,
  priority double precision not null,
  version bigint not null,
  worker text
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);

create table tutti.pool (
  name text not null,
  slots integer not null,
  declared integer,
  changed_at timestamp with time zone not null,
  changed_by text
) with (fillfactor=50);

create table tutti.process (
  name text not null,
  instance text not null,
  facts text not null,
  started_at timestamp with time zone not null,
  lease_until timestamp with time zone not null
) with (fillfactor=50);

create table tutti.pruned_run (
  run bigint not null
);

create table tutti.result (
  id bigint not null generated always as identity,
  run bigint not null,
  task_run bigint not null,
  claim integer not null,
  payload text not null
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);

create table tutti.run (
  seq bigint not null generated always as identity,
  id uuid not null,
  workflow bigint not null,
  version bigint not null,
  state text not null,
  generation integer not null,
  revision integer not null,
  trigger text not null,
  interval_start timestamp with time zone not null,
  interval_end timestamp with time zone not null,
  date text not null,
  timezone text not null,
  cancel_requested boolean not null,
  timed_out boolean not null default false,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  counts integer[] not null,
  scheduler bigint,
  window_id bigint,
  held boolean not null default false,
  subscription bigint
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=2000, autovacuum_vacuum_cost_delay=0);

create table tutti.run_count (
  workflow bigint not null,
  state text not null,
  shard integer not null,
  runs bigint not null
) with (fillfactor=20, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

create table tutti.run_follower (
  workflow text not null
);

create table tutti.run_params (
  run bigint not null,
  input text,
  parsed text,
  lists text,
  cause text
);

create table tutti.run_partition (
  run uuid not null,
  partition text not null
);

create table tutti.run_past_version (
  run bigint not null,
  version bigint not null
);

create table tutti.schedule (
  id bigint not null generated always as identity,
  workflow bigint not null,
  name text not null,
  enabled_since timestamp with time zone,
  revision integer not null default 0,
  cursor text
) with (fillfactor=50);

create table tutti.schedule_watch (
  id integer not null,
  up_since timestamp with time zone not null,
  seen_at timestamp with time zone not null
) with (fillfactor=10);

create table tutti.schedule_window (
  id bigint not null generated always as identity,
  schedule bigint not null,
  local_start text not null,
  start_fold integer not null,
  local_end text not null,
  end_fold integer not null,
  timezone text not null,
  starts_at timestamp with time zone not null,
  state text not null,
  run uuid,
  outcome text,
  backfill bigint,
  reopens boolean not null default false
);

create table tutti.scheduler (
  id bigint not null generated always as identity,
  name text not null,
  started_at timestamp with time zone not null,
  lease_until timestamp with time zone not null
) with (fillfactor=50);

create table tutti.secret (
  id bigint not null generated always as identity,
  kind text not null,
  name text not null,
  sealed text not null,
  key_id text not null,
  shown text,
  description text,
  tags text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by text not null
);

create table tutti.secret_request (
  id bigint not null generated always as identity,
  worker text not null,
  task_run bigint not null,
  claim integer not null,
  kind text not null,
  names text not null,
  public_key text not null,
  answer text,
  created_at timestamp with time zone not null
);

create table tutti.subscription (
  id bigint not null generated always as identity,
  workflow bigint not null,
  name text not null,
  kind text not null,
  enabled_since timestamp with time zone,
  revision integer not null default 0,
  cursor text,
  cursor_since timestamp with time zone,
  due_at timestamp with time zone
) with (fillfactor=50);

create table tutti.subscription_subject (
  kind text not null,
  subject text not null,
  subscription bigint not null
);

create table tutti.subscription_update (
  subscription bigint not null,
  asset text not null,
  event text not null
);

create table tutti.task (
  id bigint not null generated always as identity,
  workflow bigint not null,
  name text not null
);

create table tutti.task_memory (
  task bigint not null,
  key text not null,
  value text not null
);

create table tutti.task_run (
  id bigint not null,
  run bigint not null,
  task bigint not null,
  map_index integer not null default '-1'::integer,
  claim integer not null default 0,
  attempt integer not null default 1,
  generation integer not null default 1,
  losses integer not null default 0,
  queued_at timestamp with time zone,
  claimed_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  due_at timestamp with time zone,
  state text not null,
  worker text,
  history text,
  result text,
  output text
) with (fillfactor=75, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=10000, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=0.05);

create table tutti.task_state (
  task_run bigint not null,
  key text not null,
  value text not null
);

create table tutti.uncached_run (
  run uuid not null
);

create table tutti.version (
  id bigint not null generated always as identity,
  hash text not null,
  workflow bigint not null,
  bundle bigint not null,
  file text not null,
  outside text not null,
  task_ids text not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone not null,
  manifest text not null
);

create table tutti.webhook (
  id bigint not null generated always as identity,
  url text not null,
  name text not null,
  secret text not null,
  events text not null,
  workflows text,
  disabled boolean not null,
  created_at timestamp with time zone not null,
  created_by text not null
);

create table tutti.worker (
  name text not null,
  queues text not null,
  slots integer not null,
  labels text not null,
  release text not null,
  refusals text not null default '[]'::text,
  started_at timestamp with time zone not null,
  lease_until timestamp with time zone not null
) with (fillfactor=50);

create table tutti.workflow (
  id bigint not null generated always as identity,
  name text not null,
  latest_version bigint,
  retired_at timestamp with time zone,
  enabled_since timestamp with time zone,
  paused_at timestamp with time zone,
  paused_by text
);

create table tutti.writer (
  id bigint not null generated always as identity,
  number bigint not null default 0,
  dropped integer[] not null default '{}'::integer[],
  used_at timestamp with time zone not null default now()
) with (fillfactor=10, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);

alter table tutti.account_session add constraint account_session_account_fkey FOREIGN KEY (account) REFERENCES tutti.account(id);

alter table tutti.alert add constraint alert_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'trying'::text, 'delivered'::text, 'failed'::text])));

alter table tutti.api_token add constraint api_token_account_fkey FOREIGN KEY (account) REFERENCES tutti.account(id);

alter table tutti.attempt add constraint attempt_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text, 'upstream_failed'::text, 'lost'::text])));

alter table tutti.backfill add constraint backfill_schedule_fkey FOREIGN KEY (schedule) REFERENCES tutti.schedule(id);

alter table tutti.backfill add constraint backfill_state_check CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

alter table tutti.backfill add constraint backfill_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.event_key add constraint event_key_subscription_fkey FOREIGN KEY (subscription) REFERENCES tutti.subscription(id);

alter table tutti.run_params add constraint run_params_run_fkey FOREIGN KEY (run) REFERENCES tutti.run(seq);

alter table tutti.run_past_version add constraint run_past_version_run_fkey FOREIGN KEY (run) REFERENCES tutti.run(seq);

alter table tutti.run_past_version add constraint run_past_version_version_fkey FOREIGN KEY (version) REFERENCES tutti.version(id);

alter table tutti.run add constraint run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

alter table tutti.run add constraint run_version_fkey FOREIGN KEY (version) REFERENCES tutti.version(id);

alter table tutti.run add constraint run_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.schedule_watch add constraint schedule_watch_id_check CHECK ((id = 1));

alter table tutti.schedule_window add constraint schedule_window_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])));

alter table tutti.schedule_window add constraint schedule_window_schedule_fkey FOREIGN KEY (schedule) REFERENCES tutti.schedule(id);

alter table tutti.schedule_window add constraint schedule_window_state_check CHECK ((state = ANY (ARRAY['run'::text, 'missed'::text, 'passed_over'::text])));

alter table tutti.schedule add constraint schedule_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.secret add constraint secret_kind_check CHECK (((kind = 'connection'::text) OR (kind = 'secret'::text)));

alter table tutti.subscription_subject add constraint subscription_subject_subscription_fkey FOREIGN KEY (subscription) REFERENCES tutti.subscription(id);

alter table tutti.subscription_update add constraint subscription_update_subscription_fkey FOREIGN KEY (subscription) REFERENCES tutti.subscription(id);

alter table tutti.subscription add constraint subscription_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.task_memory add constraint task_memory_task_fkey FOREIGN KEY (task) REFERENCES tutti.task(id);

alter table tutti.task_run add constraint task_run_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'deferred'::text, 'up_for_retry'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'upstream_failed'::text, 'cancelled'::text, 'removed'::text])));

alter table tutti.task add constraint task_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.version add constraint version_bundle_fkey FOREIGN KEY (bundle) REFERENCES tutti.bundle(id);

alter table tutti.version add constraint version_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

CREATE UNIQUE INDEX account_name_key ON tutti.account USING btree (name);

CREATE UNIQUE INDEX account_pkey ON tutti.account USING btree (id);

CREATE INDEX account_session_by_account ON tutti.account_session USING btree (account);

CREATE UNIQUE INDEX account_session_pkey ON tutti.account_session USING btree (hash);

CREATE INDEX alert_by_run ON tutti.alert USING btree (run, handler, task, event) WHERE (run IS NOT NULL);

CREATE INDEX alert_due ON tutti.alert USING btree (due_at) WHERE (state = ANY (ARRAY['waiting'::text, 'trying'::text]));

CREATE INDEX alert_failed ON tutti.alert USING btree (state, id) WHERE (state = 'failed'::text);

CREATE UNIQUE INDEX alert_gathers ON tutti.alert USING btree (run, handler, task, event) WHERE ((state = 'waiting'::text) AND (run IS NOT NULL) AND (undelivered IS NULL));

CREATE INDEX alert_of_webhook ON tutti.alert USING btree (webhook, state, id) WHERE (webhook IS NOT NULL);

CREATE UNIQUE INDEX alert_once_key ON tutti.alert USING btree (once);

CREATE UNIQUE INDEX alert_pkey ON tutti.alert USING btree (id);

CREATE INDEX api_token_by_account ON tutti.api_token USING btree (account);

CREATE UNIQUE INDEX api_token_hash_key ON tutti.api_token USING btree (hash);

CREATE UNIQUE INDEX api_token_pkey ON tutti.api_token USING btree (id);

CREATE UNIQUE INDEX attempt_pkey ON tutti.attempt USING btree (run, revision, place);

CREATE INDEX audit_entry_by_actor ON tutti.audit_entry USING btree (md5(actor), id);

CREATE INDEX audit_entry_by_target ON tutti.audit_entry USING btree (md5(target), id);

CREATE UNIQUE INDEX audit_entry_pkey ON tutti.audit_entry USING btree (id);

CREATE INDEX backfill_by_workflow ON tutti.backfill USING btree (workflow, id);

CREATE UNIQUE INDEX backfill_id_key ON tutti.backfill USING btree (id);

CREATE UNIQUE INDEX backfill_pkey ON tutti.backfill USING btree (seq);

CREATE INDEX backfill_unended ON tutti.backfill USING btree (seq) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX bundle_hash_key ON tutti.bundle USING btree (hash);

CREATE UNIQUE INDEX bundle_pkey ON tutti.bundle USING btree (id);

CREATE INDEX cache_entry_by_key ON tutti.cache_entry USING btree (task, key, made_at);

CREATE INDEX cache_entry_by_run ON tutti.cache_entry USING btree (run);

CREATE UNIQUE INDEX cache_entry_pkey ON tutti.cache_entry USING btree (task_run);

CREATE INDEX cache_use_by_source ON tutti.cache_use USING btree (source_run);

CREATE UNIQUE INDEX cache_use_pkey ON tutti.cache_use USING btree (task_run);

CREATE UNIQUE INDEX command_pkey ON tutti.command USING btree (id);

CREATE INDEX event_by_age ON tutti.event USING btree (at) WHERE (NOT pending);

CREATE INDEX event_by_name ON tutti.event USING btree (kind, name, id);

CREATE INDEX event_key_by_age ON tutti.event_key USING btree (until);

CREATE UNIQUE INDEX event_key_pkey ON tutti.event_key USING btree (subscription, key);

CREATE INDEX event_of_check ON tutti.event USING btree (name, key, id) WHERE (kind = 'check'::text);

CREATE INDEX event_pending ON tutti.event USING btree (id) WHERE pending;

CREATE UNIQUE INDEX event_pkey ON tutti.event USING btree (id);

CREATE UNIQUE INDEX event_uid_key ON tutti.event USING btree (uid);

CREATE INDEX idempotency_key_by_age ON tutti.idempotency_key USING btree (created_at);

CREATE UNIQUE INDEX idempotency_key_pkey ON tutti.idempotency_key USING btree (actor, key);

CREATE INDEX limit_hold_by_task_run ON tutti.limit_hold USING btree (task_run);

CREATE UNIQUE INDEX limit_hold_pkey ON tutti.limit_hold USING btree (name, task_run, claim);

CREATE UNIQUE INDEX migration_pkey ON tutti.migration USING btree (number);

CREATE INDEX offer_by_queue ON tutti.offer USING btree (queue, priority DESC, id) WHERE (worker IS NULL);

CREATE INDEX offer_by_run ON tutti.offer USING btree (run);

CREATE INDEX offer_by_worker ON tutti.offer USING btree (worker) WHERE (worker IS NOT NULL);

CREATE UNIQUE INDEX offer_pkey ON tutti.offer USING btree (id);

CREATE UNIQUE INDEX pool_pkey ON tutti.pool USING btree (name);

CREATE UNIQUE INDEX process_pkey ON tutti.process USING btree (name);

CREATE UNIQUE INDEX pruned_run_pkey ON tutti.pruned_run USING btree (run);

CREATE INDEX result_by_run ON tutti.result USING btree (run);

CREATE UNIQUE INDEX result_pkey ON tutti.result USING btree (id);

CREATE INDEX run_by_end ON tutti.run USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX run_by_state ON tutti.run USING btree (state, id);

CREATE INDEX run_by_unsuccess ON tutti.run USING btree (workflow, state, id) WHERE (state = ANY (ARRAY['failed'::text, 'cancelled'::text]));

CREATE INDEX run_by_version ON tutti.run USING btree (version);

CREATE INDEX run_by_window ON tutti.run USING btree (workflow, interval_start);

CREATE INDEX run_by_workflow ON tutti.run USING btree (workflow, id);

CREATE UNIQUE INDEX run_count_pkey ON tutti.run_count USING btree (workflow, state, shard);

CREATE UNIQUE INDEX run_follower_pkey ON tutti.run_follower USING btree (workflow);

CREATE INDEX run_held ON tutti.run USING btree (workflow) WHERE held;

CREATE UNIQUE INDEX run_id_key ON tutti.run USING btree (id);

CREATE INDEX run_of_event_unfinished ON tutti.run USING btree (workflow) WHERE ((subscription IS NOT NULL) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));

CREATE UNIQUE INDEX run_params_pkey ON tutti.run_params USING btree (run);

CREATE INDEX run_partition_by_key ON tutti.run_partition USING btree (partition, run);

CREATE UNIQUE INDEX run_partition_pkey ON tutti.run_partition USING btree (run);

CREATE INDEX run_past_version_by_version ON tutti.run_past_version USING btree (version);

CREATE UNIQUE INDEX run_past_version_pkey ON tutti.run_past_version USING btree (run, version);

CREATE UNIQUE INDEX run_pkey ON tutti.run USING btree (seq);

CREATE INDEX run_unfinished ON tutti.run USING btree (scheduler, id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE UNIQUE INDEX schedule_pkey ON tutti.schedule USING btree (id);

CREATE UNIQUE INDEX schedule_watch_pkey ON tutti.schedule_watch USING btree (id);

CREATE INDEX schedule_window_by_backfill ON tutti.schedule_window USING btree (backfill, outcome) WHERE (backfill IS NOT NULL);

CREATE INDEX schedule_window_by_start ON tutti.schedule_window USING btree (schedule, starts_at);

CREATE UNIQUE INDEX schedule_window_pkey ON tutti.schedule_window USING btree (id);

CREATE UNIQUE INDEX schedule_window_schedule_local_start_start_fold_local_end_e_key ON tutti.schedule_window USING btree (schedule, local_start, start_fold, local_end, end_fold, timezone);

CREATE INDEX schedule_window_unfinished ON tutti.schedule_window USING btree (schedule) WHERE ((state = 'run'::text) AND (outcome IS NULL));

CREATE UNIQUE INDEX schedule_workflow_name_key ON tutti.schedule USING btree (workflow, name);

CREATE UNIQUE INDEX scheduler_pkey ON tutti.scheduler USING btree (id);

CREATE UNIQUE INDEX secret_kind_name_key ON tutti.secret USING btree (kind, name);

CREATE UNIQUE INDEX secret_pkey ON tutti.secret USING btree (id);

CREATE INDEX secret_request_open ON tutti.secret_request USING btree (id) WHERE (answer IS NULL);

CREATE UNIQUE INDEX secret_request_pkey ON tutti.secret_request USING btree (id);

CREATE UNIQUE INDEX subscription_pkey ON tutti.subscription USING btree (id);

CREATE UNIQUE INDEX subscription_subject_pkey ON tutti.subscription_subject USING btree (kind, subject, subscription);

CREATE UNIQUE INDEX subscription_update_pkey ON tutti.subscription_update USING btree (subscription, asset);

CREATE UNIQUE INDEX subscription_workflow_name_key ON tutti.subscription USING btree (workflow, name);

CREATE UNIQUE INDEX task_memory_by_key ON tutti.task_memory USING btree (task, md5(key));

CREATE UNIQUE INDEX task_pkey ON tutti.task USING btree (id);

CREATE UNIQUE INDEX task_run_by_place ON tutti.task_run USING btree (run, task, map_index);

CREATE UNIQUE INDEX task_run_pkey ON tutti.task_run USING btree (id);

CREATE UNIQUE INDEX task_state_by_key ON tutti.task_state USING btree (task_run, md5(key));

CREATE UNIQUE INDEX task_workflow_name_key ON tutti.task USING btree (workflow, name);

CREATE UNIQUE INDEX uncached_run_pkey ON tutti.uncached_run USING btree (run);

CREATE INDEX version_by_bundle ON tutti.version USING btree (bundle);

CREATE INDEX version_by_workflow ON tutti.version USING btree (workflow);

CREATE UNIQUE INDEX version_hash_key ON tutti.version USING btree (hash);

CREATE UNIQUE INDEX version_pkey ON tutti.version USING btree (id);

CREATE UNIQUE INDEX webhook_pkey ON tutti.webhook USING btree (id);

CREATE UNIQUE INDEX worker_pkey ON tutti.worker USING btree (name);

CREATE UNIQUE INDEX workflow_name_key ON tutti.workflow USING btree (name);

CREATE UNIQUE INDEX workflow_pkey ON tutti.workflow USING btree (id);

CREATE UNIQUE INDEX writer_pkey ON tutti.writer USING btree (id);

create sequence tutti.task_run_id increment by 1000;

create view tutti.run_summary (seq, id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone, cancel_requested, created_at, started_at, ended_at, counts, workflow_name, version_hash, held, partition);

create function tutti.add_alerts(p_alerts json, p_dropped integer[]) returns void;

create function tutti.add_counts(a integer[], b integer[]) returns integer[];

create function tutti.after_commit(p_writer bigint, p_groups integer, p_dropped integer[], p_full integer[], p_refused integer[], p_alerts json, p_uses json, p_releases json, p_now timestamp with time zone) returns integer[];

create function tutti.claim_offers(p_worker text, p_queues text[], p_versions bigint[], p_limit integer, p_again boolean, p_now timestamp with time zone) returns TABLE(uuid uuid, version bigint, run_generation integer, id bigint, task bigint, map_index integer, state text, claim integer, attempt integer, generation integer, losses integer, worker text, queued_at timestamp with time zone, claimed_at timestamp with time zone, history text) set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.commit_alerted(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json, p_alerts json) returns integer[];

create function tutti.commit_alerted_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json, p_alerts json) returns integer[];

create function tutti.commit_groups(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json) returns integer[] set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.commit_groups_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json) returns integer[] set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.commit_with(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json, p_alerts json, p_uses json, p_releases json, p_now timestamp with time zone) returns integer[];

create function tutti.commit_with_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json, p_alerts json, p_uses json, p_releases json, p_now timestamp with time zone) returns integer[];

create function tutti.counts_text(counts integer[]) returns text;

create function tutti.decide_windows(p_scheduler bigint, p_decisions json) returns TABLE(place integer, runs uuid[]);

create function tutti.full_groups(p_uses json, p_refused integer[], p_any boolean) returns integer[];

create function tutti.instant(micros bigint) returns timestamp with time zone;

create function tutti.limit_usage(p_names json, p_without bigint[], p_now timestamp with time zone) returns TABLE(name text, used integer, max integer, free_in_us bigint) set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_bitmapscan=off;

create function tutti.micros(at timestamp with time zone) returns bigint;

create function tutti.put_cache(p_task_run bigint, p_what text, p_value json) returns void;

create function tutti.put_drawer(p_state_of bigint, p_memory_of bigint, p_key text, p_value text) returns void;

create function tutti.refused_uses(p_uses json, p_now timestamp with time zone) returns integer[] set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_bitmapscan=off;

create function tutti.release_uses(p_releases json, p_dropped integer[]) returns void set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_bitmapscan=off;

create function tutti.run_ended() returns trigger;

create function tutti.run_id_text(id uuid) returns text;

create function tutti.run_outcome() returns trigger;

create function tutti.run_windows(p_backfill bigint, p_workflow bigint, p_schedule bigint, p_version bigint, p_windows json) returns void;

create function tutti.start_run(p_scheduler bigint, p_subscription bigint, p_held boolean, p_cause text, p_run json) returns boolean;

create function tutti.take_uses(p_uses json, p_dropped integer[], p_refused integer[], p_now timestamp with time zone) returns void set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_bitmapscan=off;

create function tutti.task_run_states() returns text[];

create function tutti.tell_webhooks(p_event text, p_workflow text, p_run text, p_at timestamp with time zone, p_once text, p_payload json) returns void;

create function tutti.webhook_of_event() returns trigger;

create function tutti.webhook_of_run() returns trigger;

create function tutti.write_drawers(p_drawers json) returns integer[];

create function tutti.write_groups(p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json) returns integer[];
