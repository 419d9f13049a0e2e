import { sql } from "./sql.ts";

export const getServerFacts = () => sql("getServerFacts")`
  select current_setting('server_version') as server, current_user::text as "user", pg_is_in_recovery() as standby,
    (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int) as connections,
    (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
    coalesce(has_schema_privilege(to_regnamespace('tutti'), 'usage'), true) as may_use_schema`;

export const getServerTime = () => sql("getServerTime")`
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now`;

// Of tables, and not of their owner's roles: what whoever works on the store must be allowed to do.
export const listMissingRights = () => sql("listMissingRights")`
  select c.relname::text as "table", string_agg(p.privilege, ', ' order by p.place) as rights
  from pg_class c, (values (1, 'select'), (2, 'insert'), (3, 'update'), (4, 'delete')) as p (place, privilege)
  where c.relnamespace = to_regnamespace('tutti') and c.relkind = 'r' and not has_table_privilege(c.oid, p.privilege)
  group by c.relname order by c.relname limit 1000`;
