-- why: processes on several machines see each other; a deployment retires what is gone; a store can be told from another one
-- to which the same address may lead.
-- compatible_from: 0.1.0

-- One row, written by this migration and never again.
create table tutti.identity (
  id uuid not null default gen_random_uuid()
);
insert into tutti.identity default values;

-- Who works on this store, for people and for `tutti doctor`. What a process holds is held by its leases in other tables.
create table tutti.process (
  name text primary key,
  instance text not null,
  facts text not null,
  started_at timestamptz not null,
  lease_until timestamptz not null
) with (fillfactor = 50);

alter table tutti.workflow add column retired_at timestamptz;
