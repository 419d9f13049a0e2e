-- why: connections and secrets that users keep here, each encrypted under a key that is not in the store.
-- compatible_from: 0.1.0

-- `sealed`: what `owner/secrets/envelope.ts` makes; `key_id` says which key opens it. `shown`: of a connection, its URL without what is secret in it.
create table secret (
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
