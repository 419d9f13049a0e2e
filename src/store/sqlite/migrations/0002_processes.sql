-- why: the owner tells other commands about itself; a deployment retires what is gone; a store can be told from a copy of
-- another one.
-- compatible_from: 0.1.0

-- One row, written by this migration and never again.
create table identity (
  id text not null
) strict;
insert into identity values (lower(hex(randomblob(16))));

create table process (
  name text primary key,
  instance text not null,
  facts text not null,
  started_at integer not null,
  lease_until integer not null
) strict;

alter table workflow add column retired_at integer;
