import { writeFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Context, task } from "tutti";
import { snowflake as snowflakeHandle } from "tutti/snowflake";
import { runTask } from "tutti/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { driverSuite } from "../../src/connectors/sql/driver-suite.test-data.ts";
import { pageProject } from "../support/page-project.ts";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const snowflake = started("snowflake");

describe.skipIf(snowflake === null)("Snowflake", () => {
  driverSuite("Snowflake", {
    url: () => snowflake!["url"]!,
    endless: "select system$wait(600)",
    ended: async () => {
      const running = async () => (await fetch(`${snowflake!["address"]}/running`)).json();
      await expect.poll(running, { timeout: 10_000 }).toBe(0);
    },
  });

  const warehouse = snowflakeHandle("warehouse");
  let tables = 0;
  let table = "";
  beforeEach(() => void (table = `own_${(tables += 1)}`));
  /** One task, with this account. */
  const inTask = async <R>(work: (ctx: Context) => Promise<R>, url = snowflake?.["url"], options = {}) => {
    const own = task("work", (_: void, ctx) => work(ctx));
    return (await runTask(own, undefined, { connections: { warehouse: url }, ...options })).output;
  };

  test("signs in by key pair", async () => {
    const rows = await inTask(() => warehouse.query`select 1 as n`, snowflake?.["keyPairUrl"]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  test("a wrong password, a wrong key and a key that is not there are told, and never shown", async () => {
    const project = tempProject({ "other.p8": "no key" });
    const url = new URL(snowflake!["url"]!);
    url.password = "hunter22";
    const wrong = await inTask(() => warehouse.query`select 1`, url.href).catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringContaining("Incorrect username or password"),
    });
    expect(String(wrong)).not.toContain("hunter22");

    const keyed = new URL(snowflake!["keyPairUrl"]!);
    for (const file of [project.path("other.p8"), project.path("nowhere.p8")]) {
      keyed.searchParams.set("private_key_file", file);
      await expect(inTask(() => warehouse.query`select 1`, keyed.href)).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
      });
    }
  });

  test("a table that was made without quotes is the one that is replaced and read", async () => {
    await inTask(async (ctx) => {
      await warehouse.execute`create table unquoted (day date, sales decimal(18, 4), lines integer)`;
      await warehouse.replace("unquoted", [{ sales: 2698.927, lines: 23 }], { where: { day: ctx.date } });
      expect(await warehouse.query`select * from unquoted`).toEqual([{ day: ctx.date, sales: 2698.927, lines: 23 }]);
      await expect(warehouse.copyIn("unquoted", [{ lines: 1.5 }])).rejects.toMatchObject({ code: "ROW_REFUSED" });
    });
  });

  test("merge updates what is there and inserts the rest, however often it runs", async () => {
    await inTask(async () => {
      await warehouse.copyIn(table, [{ id: 1n, name: "old" }]);
      const rows = [
        { id: 1n, name: "new" },
        { id: 2n, name: "two" },
      ];
      expect(await warehouse.merge(table, rows, { on: ["id"] })).toEqual({ inserted: 1, updated: 1 });
      expect(await warehouse.merge(table, rows, { on: ["id"] })).toEqual({ inserted: 0, updated: 2 });
      const twins = [rows[0]!, { id: 1n, name: "twin" }];
      await expect(warehouse.merge(table, twins, { on: ["id"] })).rejects.toMatchObject({ code: "KEY_NOT_UNIQUE" });
      await expect(warehouse.merge(table, rows, { on: [] })).rejects.toMatchObject({ code: "KEY_NOT_NAMED" });
    });
  });

  test("Parquet and CSV files are put to a stage and copied from there, a partition at a time", async () => {
    const project = tempProject({ "sales.csv": "day,sales\n2025-08-12,3.5\n" });
    const parquet = project.path("sales.parquet");
    const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
    await duckdb.run(`copy (select 1.25 as sales, date '2025-08-12' as day) to '${parquet}' (format parquet)`);
    duckdb.closeSync();
    await inTask(async () => {
      await warehouse.execute`create table files (day date, sales decimal(18, 4))`;
      const where = { day: "2025-08-12" };
      expect(await warehouse.loadFiles("files", [parquet], { where })).toEqual({ deleted: 0, inserted: 1 });
      expect(await warehouse.loadFiles("files", [parquet], { where })).toEqual({ deleted: 1, inserted: 1 });
      expect(await warehouse.loadFiles("files", [project.path("sales.csv")], { format: "csv" })).toMatchObject({
        inserted: 1,
      });
      expect(await warehouse.query`select sum(sales) as sales from files`).toEqual([{ sales: 4.75 }]);
      await expect(warehouse.loadFiles("nowhere", [parquet])).rejects.toMatchObject({ code: "TABLE_MISSING" });
      await expect(warehouse.loadFiles("files", [project.path("nowhere.parquet")])).rejects.toMatchObject({
        code: "SQL_FAILED",
      });
      writeFileSync(parquet, "half a file");
      await expect(warehouse.loadFiles("files", [parquet], { where })).rejects.toMatchObject({ code: "SQL_FAILED" });
      expect(await warehouse.query`select sum(sales) as sales from files`).toEqual([{ sales: 4.75 }]);
    });
  });

  describe("a resumable statement", () => {
    const running = async () => (await fetch(`${snowflake!["address"]}/running`)).json() as Promise<number>;
    const drawer = new Map<string, unknown>();
    const state = (durable: (value: unknown) => boolean = () => true): Context["state"] => ({
      get: async <T>(key: string) => drawer.get(key) as T | undefined,
      set: async (key, value) => {
        if (!durable(value)) throw new Error("the worker was killed here");
        if (value === undefined) drawer.delete(key);
        else drawer.set(key, value);
      },
      update: async () => expect.fail("nobody updates"),
    });
    beforeEach(() => drawer.clear());
    const wait = (ctx: Context, seconds: number, kept = state()) => {
      Object.defineProperty(ctx, "state", { value: kept });
      const text = `call system$wait(${seconds})`;
      return warehouse.resumable(ctx).query(Object.assign([text], { raw: [text] }));
    };

    test("gives its rows", async () => {
      expect(await inTask((ctx) => wait(ctx, 1))).toEqual([{ status: "waited 1 seconds" }]);
    });

    test("that was begun by an attempt which died is waited for, and not begun again", async () => {
      const withoutId = (value: unknown) => (value as { queryId: unknown }).queryId === null;
      await expect(inTask((ctx) => wait(ctx, 4, state(withoutId)))).rejects.toThrow("the worker was killed here");
      expect(await running()).toBe(1);
      const again = inTask((ctx) => wait(ctx, 4));
      await expect.poll(() => (drawer.get("snowflake.1") as { queryId: unknown }).queryId).not.toBeNull();
      expect(await running()).toBe(1);
      expect(await again).toEqual([{ status: "waited 4 seconds" }]);
    });

    test("is cancelled with its task", async () => {
      const cancel = new AbortController();
      const work = inTask((ctx) => wait(ctx, 600), snowflake?.["url"], { signal: cancel.signal });
      work.catch(() => {});
      await expect.poll(running, { timeout: 10_000 }).toBe(1);
      cancel.abort();
      await expect(work).rejects.toMatchObject({ code: "CANCELLED" });
      await expect.poll(running, { timeout: 10_000 }).toBe(0);
      expect(drawer.size).toBe(0);
    });

    test("that fails is told once", async () => {
      const fails = (ctx: Context) => {
        Object.defineProperty(ctx, "state", { value: state() });
        return warehouse.resumable(ctx).execute`insert into nowhere values (${"hunter2"})`;
      };
      const error = await inTask(fails).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "SQL_FAILED", message: expect.stringContaining("NOWHERE") });
      expect(String(error)).not.toContain("hunter2");
      expect(drawer.size).toBe(0);
    });
  });
});

test.skipIf(snowflake === null)("the pipeline on the page of Snowflake", async () => {
  const visits = "day,customer_id\n2025-08-12,c1\n2025-08-12,c2\n";
  const project = pageProject("docs/connectors/snowflake.md", { "out/visits.csv": visits });
  const run = await tutti(["run", "customers", "--date", "2025-08-12", "--json"], {
    cwd: project.dir,
    env: { TUTTI_CONNECTION_WAREHOUSE: snowflake!["url"] },
  });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toMatch(/"visits":\s*2/);
});
