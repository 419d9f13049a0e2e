import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HttpReceiver } from "../support/http-receiver.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";
import { codeBlocks, readPage, ROOT } from "./page.ts";

/** The pipeline that a connector's page shows, as a project of its own. */
function projectOf(page: string, name = ""): TempProject {
  const block = codeBlocks(readPage(page)).find(
    ({ language, text }) => language === "ts" && text.startsWith(`// pipelines/${name}`),
  );
  const [, file = ""] = /^\/\/ (\S+)/.exec(block?.text ?? "") ?? [];
  return tempProject({ "package.json": "{}", [file]: block?.text ?? "" });
}

const outputs = (stdout: string): unknown[] =>
  (JSON.parse(stdout) as { readonly tasks: { readonly output?: unknown }[] }).tasks.map(({ output }) => output);

let server: PostgresServer;
beforeAll(async () => void (server = await PostgresServer.start()));
afterAll(() => server.stop());

test("the pipeline of the page on PostgreSQL does what the page says, also the second time", async () => {
  const { name, url } = await server.makeDatabase();
  await server.execute(name, "create table sales (sold_on date, region text, sold numeric(10, 2))");
  await server.execute(name, "create table totals (day date, sold numeric)");
  await server.execute(
    name,
    "insert into sales select date '2025-08-12', 'r' || n % 3, n from generate_series(1, 100) n union all select date '2025-08-11', 'old', 1",
  );
  const here = projectOf("docs/connectors/postgres.md");
  const env = { TUTTI_CONNECTION_ORDERS: url, TUTTI_CONNECTION_WAREHOUSE: url };
  for (const deleted of [0, 100]) {
    const { code, stdout, stderr } = await tutti(["run", "sales", "--date", "2025-08-12", "--json"], {
      cwd: here.dir,
      env,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(outputs(stdout)).toEqual([{ deleted, inserted: 100 }, 1]);
  }
  expect(await server.execute(name, "select sold::int from totals")).toEqual([{ sold: 5_050 }]);
});

test("the pipeline of the page on object stores does what the page says", async () => {
  const here = projectOf("docs/connectors/object-store.md");
  const env = { TUTTI_CONNECTION_LAKE: "file:./lake" };
  const { code, stdout, stderr } = await tutti(["run", "events", "--date", "2025-08-12", "--json"], {
    cwd: here.dir,
    env,
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(outputs(stdout).at(-1)).toBe(1);
  expect(here.read("lake/events/2025-08-12.jsonl")).toBe('{"id":1,"kind":"order"}\n{"id":2,"kind":"refund"}\n');
});

test("the listener of the page on PostgreSQL packs what was there, and what is notified", async () => {
  const { name, url } = await server.makeDatabase();
  await server.execute(name, "create table orders (id int); insert into orders values (1), (2)");
  const here = projectOf("docs/connectors/postgres.md", "packing");
  symlinkSync(join(ROOT, "node_modules"), here.path("node_modules"));
  const run = startTutti(["run", "packing", "--json"], { cwd: here.dir, env: { TUTTI_CONNECTION_SHOP: url } });
  await expect
    .poll(() => server.execute(name, "select 1 from pg_stat_activity where query like 'listen %'"), { timeout: 30_000 })
    .toHaveLength(1);
  await server.execute(name, `insert into orders values (3); select pg_notify('orders', '{"id":3,"last":true}')`);
  const { code, stdout, stderr } = await run.ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(outputs(stdout)).toEqual([3]);
});

test("the inbox of the page on object stores takes each object once, also over several runs", async () => {
  const here = projectOf("docs/connectors/object-store.md", "inbox");
  const take = async (): Promise<unknown> => {
    const env = { TUTTI_CONNECTION_LAKE: "file:./lake" };
    const { code, stdout, stderr } = await tutti(["run", "inbox", "--json"], { cwd: here.dir, env });
    expect([code, stderr]).toEqual([0, ""]);
    return outputs(stdout)[0];
  };
  here.write("lake/inbox/a.csv", "1");
  here.write("lake/inbox/b.csv", "2");
  expect(await take()).toEqual(expect.arrayContaining(["inbox/a.csv", "inbox/b.csv"]));
  here.write("lake/inbox/c.csv", "3");
  expect(await take()).toEqual(["inbox/c.csv"]);
  expect(await take()).toEqual([]);
});

/** Statements in a DuckDB file, with a connection that nobody else has. */
async function inDuckDb(file: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

test("the pipeline of the page on SQL takes the databases that the environment names, also the second time", async () => {
  const here = projectOf("docs/connectors/sql.md");
  await inDuckDb(
    here.path("orders.db"),
    "create table sales as select * from (values ('a', 3, 'emea', date '2025-08-12'), ('b', 4, 'apac', date '2025-08-12')) s(sku, sold, region, day)",
  );
  const env = { TUTTI_CONNECTION_ORDERS: "duckdb:./orders.db", TUTTI_CONNECTION_WAREHOUSE: "duckdb:./warehouse.db" };
  for (const deleted of [0, 1]) {
    const { code, stdout, stderr } = await tutti(["run", "sales", "--date", "2025-08-12", "--json"], {
      cwd: here.dir,
      env,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(outputs(stdout)).toEqual([[{ sku: "a", sold: 3 }], { deleted, inserted: 1 }]);
  }
});

test("the pipeline of the page on DuckDB reads Parquet and CSV, and writes Parquet", async () => {
  const here = projectOf("docs/connectors/duckdb.md");
  here.write("raw/2025-08-12.csv", "sku,sold\na,3\nb,4\n");
  here.write("sales/.keep", "");
  await inDuckDb(":memory:", `copy (select 5 as sold) to '${here.path("sales/2025-08-11.parquet")}' (format parquet)`);
  const { code, stdout, stderr } = await tutti(["run", "lake", "--date", "2025-08-12", "--json"], {
    cwd: here.dir,
    env: { TUTTI_CONNECTION_LAKE: "duckdb:./lake.db" },
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(outputs(stdout)).toEqual([5]);
  expect(here.read("out/2025-08-12.parquet").slice(0, 4)).toBe("PAR1");
});

test("the pipeline of the page on commands runs its scripts and its program", async () => {
  const here = projectOf("docs/connectors/shell.md");
  here.write("raw/all.csv", "2025-08-11,1\n2025-08-12,2\n2025-08-12,3\n");
  here.write("report.sh", '#!/bin/sh\necho "$@" > report.txt\n');
  chmodSync(here.path("report.sh"), 0o755);
  const { code, stdout, stderr } = await tutti(["run", "sales", "--date", "2025-08-12", "--json"], { cwd: here.dir });
  expect([code, stderr]).toEqual([0, ""]);
  expect(outputs(stdout)).toContain(2);
  expect(here.read("report.txt")).toBe("--day 2025-08-12 --rows 2\n");
});

test("the pipeline of the page on PagerDuty opens an incident", async () => {
  const here = projectOf("docs/connectors/pagerduty.md");
  const receiver = await HttpReceiver.start((_, response) => response.writeHead(202).end('{"status":"success"}'));
  const { code, stderr } = await tutti(["run", "check_sales", "--date", "2025-08-12", "--json"], {
    cwd: here.dir,
    env: { TUTTI_CONNECTION_PAGERDUTY: receiver.url("", ":key-of-ours@") },
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { event_action: "trigger", dedup_key: "sales-2025-08-12", payload: { summary: "No sales on 2025-08-12" } },
  ]);
});
