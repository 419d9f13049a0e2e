-- why: the server. Who may do what, the audit log of every change, and what keys of clients stand for, so that asking twice starts once.
-- compatible_from: 0.1.0

create table tutti.account (
  id bigint generated always as identity primary key,
  name text not null unique,
  role text not null,
  -- The tags whose workflows it may see, as a JSON list; null: all.
  tags text,
  -- A hash; null: nobody signs in under this name.
  password text,
  disabled boolean not null default false,
  created_at timestamptz not null
);

-- A cookie's hash, so that who reads the database has no session.
create table tutti.account_session (
  hash text primary key,
  account bigint not null references tutti.account,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index account_session_by_account on tutti.account_session (account);

create table tutti.api_token (
  id bigint generated always as identity primary key,
  name text not null,
  hash text not null unique,
  -- Null: nobody's, as for a program.
  account bigint references tutti.account,
  role text not null,
  tags text,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
) with (fillfactor = 80);
create index api_token_by_account on tutti.api_token (account);

-- Append-only.
create table tutti.audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  target text not null,
  before text,
  after text
);
-- By a hash: a workflow's name may be longer than an index takes.
create index audit_entry_by_target on tutti.audit_entry (md5(target), id);
create index audit_entry_by_actor on tutti.audit_entry (md5(actor), id);

create table tutti.idempotency_key (
  actor text not null,
  key text not null,
  fingerprint text not null,
  subject text not null,
  created_at timestamptz not null,
  primary key (actor, key)
);
create index idempotency_key_by_age on tutti.idempotency_key (created_at);
