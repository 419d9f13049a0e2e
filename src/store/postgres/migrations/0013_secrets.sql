-- why: connections and secrets that users keep here, each encrypted under a key that is not in the store; and how workers that never have that
-- key are given what a claim of theirs needs.
-- compatible_from: 0.1.0

-- `sealed`: what `owner/secrets/envelope.ts` makes; `key_id` says which key opens it. `shown`: of a connection, its URL without what is secret in it.
create table tutti.secret (
  id bigint generated always as identity primary key,
  kind text not null check (kind = 'connection' or kind = 'secret'),
  name text not null,
  sealed text not null,
  key_id text not null,
  shown text,
  description text,
  -- The tags whose workflows may use it, as a JSON list; null: all.
  tags text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by text not null,
  unique (kind, name)
);

-- A worker asks for one claim, with a public key that it made for this; a process that has the key answers with values that only this worker can
-- read. The row goes when they have arrived.
create table tutti.secret_request (
  id bigint generated always as identity primary key,
  worker text not null,
  task_run bigint not null,
  claim integer not null,
  kind text not null,
  names text not null,
  public_key text not null,
  answer text,
  created_at timestamptz not null
);
create index secret_request_open on tutti.secret_request (id) where answer is null;
