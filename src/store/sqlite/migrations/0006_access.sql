-- why: the server. Who may do what, the audit log of every change, and what keys of clients stand for, so that asking twice starts once.
-- compatible_from: 0.1.0

create table account (
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

-- A cookie's hash, so that who reads the file has no session.
create table account_session (
  hash text primary key,
  account integer not null references account,
  created_at integer not null,
  expires_at integer not null
) strict, without rowid;
create index account_session_by_account on account_session (account);

create table api_token (
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
create index api_token_by_account on api_token (account);

-- Append-only.
create table audit_entry (
  id integer primary key autoincrement,
  at integer not null,
  actor text not null,
  action text not null,
  target text not null,
  before text,
  after text
) strict;
create index audit_entry_by_target on audit_entry (target, id);
create index audit_entry_by_actor on audit_entry (actor, id);

create table idempotency_key (
  actor text not null,
  key text not null,
  fingerprint text not null,
  subject text not null,
  created_at integer not null,
  primary key (actor, key)
) strict, without rowid;
create index idempotency_key_by_age on idempotency_key (created_at);
