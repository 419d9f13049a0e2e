import type { Instant } from "../../core/clock.ts";
import type { Migration } from "../migrate.ts";
import { sql } from "./sql.ts";

/** "tutti" in ASCII: whoever migrates this database holds it until its transaction ends. */
const LOCK = 0x7475747469;

export const lockMigrations = () => sql("lockMigrations")`select pg_advisory_xact_lock(${LOCK}::bigint)`;

export const getMigrationTable = () =>
  sql("getMigrationTable")`select 1 from pg_tables where schemaname = 'tutti' and tablename = 'migration'`;

export const countTables = () =>
  sql("countTables")`select count(*) as tables from pg_class where relnamespace = to_regnamespace('tutti')`;

export const listMigrations = () => sql("listMigrations")`
  select number, compatible_from from tutti.migration order by number limit 10000`;

// Without a clock of ours: the database's.
export const insertMigration = (p: { migration: Migration; now: Instant | null }) => sql("insertMigration")`
  insert into tutti.migration (number, name, compatible_from, applied_at)
  values (${p.migration.number}, ${p.migration.name}, ${p.migration.compatibleFrom}, coalesce(tutti.instant(${p.now}), now()))`;

export const getServerVersion = () =>
  sql(
    "getServerVersion",
  )`select current_setting('server_version_num')::int as number, current_setting('server_version') as name`;
