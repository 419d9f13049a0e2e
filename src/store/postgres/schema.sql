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

create table tutti.bundle (
  id bigint not null generated always as identity,
  hash text not null,
  code text not null,
  map text
);

create table tutti.command (
  id bigint not null generated always as identity,
  kind text not null,
  run uuid,
  payload text,
  created_at timestamp with time zone not null,
  scheduler bigint
);

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
  worker text
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);

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
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  counts integer[] not null,
  scheduler bigint
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=2000, autovacuum_vacuum_cost_delay=0);

create table tutti.run_count (
  workflow bigint not null,
  state text not null,
  shard integer not null,
  runs bigint not null
) with (fillfactor=20, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

create table tutti.run_params (
  run bigint not null,
  input text,
  parsed text,
  lists text
);

create table tutti.run_past_version (
  run bigint not null,
  version bigint not null
);

create table tutti.scheduler (
  id bigint not null generated always as identity,
  name text not null,
  started_at timestamp with time zone not null,
  lease_until timestamp with time zone not null
) with (fillfactor=50);

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

create table tutti.worker (
  name text not null,
  queues text not null,
  slots integer not null,
  labels text not null,
  release text not null,
  started_at timestamp with time zone not null,
  lease_until timestamp with time zone not null
) with (fillfactor=50);

create table tutti.workflow (
  id bigint not null generated always as identity,
  name text not null,
  latest_version bigint
);

create table tutti.writer (
  id bigint not null generated always as identity,
  number bigint not null default 0,
  dropped integer[] not null default '{}'::integer[],
  used_at timestamp with time zone not null default now()
) with (fillfactor=10, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);

alter table tutti.attempt add constraint attempt_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text, 'upstream_failed'::text, 'lost'::text])));

alter table tutti.run_params add constraint run_params_run_fkey FOREIGN KEY (run) REFERENCES tutti.run(seq);

alter table tutti.run_past_version add constraint run_past_version_run_fkey FOREIGN KEY (run) REFERENCES tutti.run(seq);

alter table tutti.run_past_version add constraint run_past_version_version_fkey FOREIGN KEY (version) REFERENCES tutti.version(id);

alter table tutti.run add constraint run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

alter table tutti.run add constraint run_version_fkey FOREIGN KEY (version) REFERENCES tutti.version(id);

alter table tutti.run add constraint run_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.task_memory add constraint task_memory_task_fkey FOREIGN KEY (task) REFERENCES tutti.task(id);

alter table tutti.task_run add constraint task_run_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'deferred'::text, 'up_for_retry'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'upstream_failed'::text, 'cancelled'::text, 'removed'::text])));

alter table tutti.task add constraint task_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

alter table tutti.version add constraint version_bundle_fkey FOREIGN KEY (bundle) REFERENCES tutti.bundle(id);

alter table tutti.version add constraint version_workflow_fkey FOREIGN KEY (workflow) REFERENCES tutti.workflow(id);

CREATE UNIQUE INDEX attempt_pkey ON tutti.attempt USING btree (run, revision, place);

CREATE UNIQUE INDEX bundle_hash_key ON tutti.bundle USING btree (hash);

CREATE UNIQUE INDEX bundle_pkey ON tutti.bundle USING btree (id);

CREATE UNIQUE INDEX command_pkey ON tutti.command USING btree (id);

CREATE UNIQUE INDEX migration_pkey ON tutti.migration USING btree (number);

CREATE INDEX offer_by_queue ON tutti.offer USING btree (queue, priority DESC, id) WHERE (worker IS NULL);

CREATE INDEX offer_by_run ON tutti.offer USING btree (run);

CREATE INDEX offer_by_worker ON tutti.offer USING btree (worker) WHERE (worker IS NOT NULL);

CREATE UNIQUE INDEX offer_pkey ON tutti.offer USING btree (id);

CREATE UNIQUE INDEX pruned_run_pkey ON tutti.pruned_run USING btree (run);

CREATE INDEX result_by_run ON tutti.result USING btree (run);

CREATE UNIQUE INDEX result_pkey ON tutti.result USING btree (id);

CREATE INDEX run_by_end ON tutti.run USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX run_by_state ON tutti.run USING btree (state, id);

CREATE INDEX run_by_version ON tutti.run USING btree (version);

CREATE INDEX run_by_workflow ON tutti.run USING btree (workflow, id);

CREATE UNIQUE INDEX run_count_pkey ON tutti.run_count USING btree (workflow, state, shard);

CREATE UNIQUE INDEX run_id_key ON tutti.run USING btree (id);

CREATE UNIQUE INDEX run_params_pkey ON tutti.run_params USING btree (run);

CREATE INDEX run_past_version_by_version ON tutti.run_past_version USING btree (version);

CREATE UNIQUE INDEX run_past_version_pkey ON tutti.run_past_version USING btree (run, version);

CREATE UNIQUE INDEX run_pkey ON tutti.run USING btree (seq);

CREATE INDEX run_unfinished ON tutti.run USING btree (scheduler, id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE UNIQUE INDEX scheduler_pkey ON tutti.scheduler USING btree (id);

CREATE UNIQUE INDEX task_memory_by_key ON tutti.task_memory USING btree (task, md5(key));

CREATE UNIQUE INDEX task_pkey ON tutti.task USING btree (id);

CREATE UNIQUE INDEX task_run_by_place ON tutti.task_run USING btree (run, task, map_index);

CREATE UNIQUE INDEX task_run_pkey ON tutti.task_run USING btree (id);

CREATE UNIQUE INDEX task_state_by_key ON tutti.task_state USING btree (task_run, md5(key));

CREATE UNIQUE INDEX task_workflow_name_key ON tutti.task USING btree (workflow, name);

CREATE INDEX version_by_bundle ON tutti.version USING btree (bundle);

CREATE INDEX version_by_workflow ON tutti.version USING btree (workflow);

CREATE UNIQUE INDEX version_hash_key ON tutti.version USING btree (hash);

CREATE UNIQUE INDEX version_pkey ON tutti.version USING btree (id);

CREATE UNIQUE INDEX worker_pkey ON tutti.worker USING btree (name);

CREATE UNIQUE INDEX workflow_name_key ON tutti.workflow USING btree (name);

CREATE UNIQUE INDEX workflow_pkey ON tutti.workflow USING btree (id);

CREATE UNIQUE INDEX writer_pkey ON tutti.writer USING btree (id);

create sequence tutti.task_run_id increment by 1000;

create view tutti.run_summary (seq, id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone, cancel_requested, created_at, started_at, ended_at, counts, workflow_name, version_hash);

create function tutti.add_counts(a integer[], b integer[]) returns integer[];

create function tutti.claim_offers(p_worker text, p_queues text[], p_limit integer, p_again boolean, p_now timestamp with time zone) returns TABLE(task_run bigint, run uuid, version bigint, claim integer) set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.commit_groups(p_writer bigint, p_number bigint, p_groups integer, p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json) returns integer[] set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.commit_groups_apart(p_writer bigint, p_number bigint, p_scheduler bigint, p_runs uuid[], p_groups json) returns integer[] set plan_cache_mode=force_generic_plan set enable_seqscan=off set enable_nestloop=off set enable_mergejoin=off;

create function tutti.counts_text(counts integer[]) returns text;

create function tutti.instant(micros bigint) returns timestamp with time zone;

create function tutti.micros(at timestamp with time zone) returns bigint;

create function tutti.task_run_states() returns text[];

create function tutti.write_groups(p_scheduler bigint, p_runs uuid[], p_task_runs bigint[], p_creates json, p_advances json, p_run_changes json, p_drawers json, p_changes json, p_inserts json, p_attempts json, p_offers json, p_results json) returns integer[];
