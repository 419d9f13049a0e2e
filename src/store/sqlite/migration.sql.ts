import type { Instant } from "../../core/clock.ts";
import type { Migration } from "../migrate.ts";
import { sql } from "./sql.ts";

export const getMigrationTable = () =>
  sql("getMigrationTable")`select 1 from sqlite_master where type = 'table' and name = 'migration'`;

export const countTables = () => sql("countTables")`select count(*) as tables from sqlite_master where type = 'table'`;

export const listMigrations = () => sql("listMigrations")`
  select number, compatible_from from migration order by number limit 10000`;

export const insertMigration = (p: { migration: Migration; now: Instant }) => sql("insertMigration")`
  insert into migration (number, name, compatible_from, applied_at)
  values (${p.migration.number}, ${p.migration.name}, ${p.migration.compatibleFrom}, ${p.now})`;
