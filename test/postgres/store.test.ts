import { afterAll, beforeAll, expect, test } from "vitest";
import { RUN_STATES } from "../../src/core/run-state.ts";
import { TASK_RUN_STATES } from "../../src/core/task-run-state.ts";
import { systemClock } from "../../src/core/clock.ts";
import {
  migratePostgres,
  openPostgresInbox,
  openPostgresReader,
  openPostgresStore,
} from "../../src/store/postgres/open-postgres-store.ts";
import { storeSuite } from "../../src/testing/store-suite.ts";
import { PostgresServer } from "../support/postgres-server.ts";

let server: PostgresServer;
let database: { readonly name: string; readonly url: string };

beforeAll(async () => {
  server = await PostgresServer.start();
  database = await server.makeDatabase();
  await migratePostgres({ url: database.url });
});
afterAll(() => server.stop());

// Emptied in 20 ms; a copy of a database takes 300, and `truncate` 100.
const TABLES =
  "event event_key subscription_update subscription_subject subscription result offer pruned_run command task_memory task_state attempt task_run run_past_version run_params run schedule_window backfill schedule schedule_watch version bundle task run_count workflow worker scheduler writer process account_session api_token account audit_entry idempotency_key webhook alert pool limit_hold secret secret_request run_follower cache_entry cache_use uncached_run run_partition";
const EMPTY = TABLES.split(" ")
  .map((table) => `delete from tutti.${table};`)
  .concat("alter sequence tutti.task_run_id restart;")
  .join("");

storeSuite("PostgreSQL", async () => {
  const { name, url } = database;
  await server.execute(name, EMPTY);
  let closing: { close(): Promise<void> }[] = [];
  let passed = 0;
  const clock = { now: () => systemClock.now() + passed };
  const opened = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const made = await opening;
    closing.push(made);
    return made;
  };
  return {
    async open() {
      const [store, reader, inbox] = await Promise.all([
        opened(openPostgresStore({ url, clock })),
        opened(openPostgresReader({ url, clock })),
        opened(openPostgresInbox({ url })),
      ]);
      return { store, reader, inbox };
    },
    openBeside: () => opened(openPostgresStore({ url, clock })),
    advance(ms) {
      passed += ms * 1000;
    },
    async close() {
      await Promise.all(closing.splice(0).map((open) => open.close()));
    },
  };
});

test("the schema is the committed one", async () => {
  const rows = await server.execute<{ text: string }>(database.name, SCHEMA);

  await expect(`${rows.map(({ text }) => text).join("\n\n")}\n`).toMatchFileSnapshot(
    "../../src/store/postgres/schema.sql",
  );
});

test("the states that the tables take are those of the state tables", async () => {
  const checks = await server.execute<{ table: string; text: string }>(
    database.name,
    `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as text from pg_constraint
     where contype = 'c' and conname in ('run_state_check', 'task_run_state_check')`,
  );
  const statesOf = (table: string) =>
    [...checks.find((check) => check.table === table)!.text.matchAll(/'(\w+)'/g)].map((match) => match[1]!);
  const [order] = await server.execute<{ states: string[] }>(database.name, "select tutti.task_run_states() as states");

  expect(statesOf("tutti.run")).toEqual([...RUN_STATES]);
  expect(statesOf("tutti.task_run").toSorted()).toEqual([...TASK_RUN_STATES].toSorted());
  expect(order!.states).toEqual([...TASK_RUN_STATES]);
});

/** As every server from 14 on says it. */
const SCHEMA = `
  select text from (
    select 1 as part, c.relname::text as name,
      'create table tutti.' || c.relname || ' (' || string_agg(E'\n  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attnotnull then ' not null' else '' end
        || case when a.attidentity = 'a' then ' generated always as identity' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), ',' order by a.attnum) || E'\n)'
        || coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '') || ';' as text
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'tutti'::regnamespace and c.relkind = 'r'
    group by c.oid, c.relname, c.reloptions
    union all
    select 2, conrelid::regclass::text || conname, 'alter table ' || conrelid::regclass || ' add constraint ' || conname || ' ' || pg_get_constraintdef(oid) || ';'
    from pg_constraint where connamespace = 'tutti'::regnamespace and contype in ('c', 'f')
    union all
    select 3, indexname, indexdef || ';' from pg_indexes where schemaname = 'tutti'
    union all
    select 4, sequencename, 'create sequence tutti.' || sequencename || ' increment by ' || increment_by || ';'
    from pg_sequences where schemaname = 'tutti' and sequencename = 'task_run_id'
    union all
    select 5, viewname, 'create view tutti.' || viewname || ' (' || (
      select string_agg(attname, ', ' order by attnum) from pg_attribute where attrelid = ('tutti.' || viewname)::regclass and attnum > 0
    ) || ');' from pg_views where schemaname = 'tutti'
    union all
    select 6, proname, 'create function tutti.' || proname || '(' || pg_get_function_arguments(oid) || ') returns ' || pg_get_function_result(oid)
      || coalesce(' set ' || array_to_string(proconfig, ' set '), '') || ';'
    from pg_proc where pronamespace = 'tutti'::regnamespace
  ) s order by part, name`;
