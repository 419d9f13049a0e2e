import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sql } from "../sql/index.ts";
import { postgres } from "./index.ts";

let server: PostgresServer;
let database: { readonly name: string; readonly url: string };
let url = "";
let before: ReturnType<typeof setConnectionResolver>;
beforeAll(async () => {
  server = await PostgresServer.start();
  database = await server.makeDatabase();
});
afterAll(() => server.stop());
beforeEach(() => {
  url = database.url;
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const db = postgres("db");
const words = (text: string): TemplateStringsArray => Object.assign([text], { raw: [text] });
const one = async (text: string): Promise<unknown> =>
  ((await db.query(words(`select ${text} as v`)))[0] as { readonly v: unknown }).v;
const connections = () =>
  server.execute<{ state: string }>(
    "postgres",
    `select state from pg_stat_activity where datname = '${database.name}'`,
  );

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("types", () => {
  it.each([
    ["count(*)", "count(*)", 1],
    ["a sum of integers", "sum(1)", 1],
    ["a safe bigint", "9007199254740991::bigint", Number.MAX_SAFE_INTEGER],
    ["a larger one", "9007199254740993::bigint", 9_007_199_254_740_993n],
    ["a decimal", "2698.9270::numeric(18,4)", 2698.927],
    ["a negative decimal", "-0.05::numeric(18,4)", -0.05],
    ["a decimal of more than 15 digits", "12345678901234.5678::numeric(38,4)", "12345678901234.5678"],
    ["a quotient of decimals", "1::numeric / 100", 0.01],
    ["one that does not end", "1::numeric / 3", "0.33333333333333333333"],
    ["a large round decimal", "1000000000000000000000::numeric", "1000000000000000000000"],
    ["a double", "0.1::float8 + 0.2::float8", 0.1 + 0.2],
    ["no number", "'NaN'::float8", Number.NaN],
    ["a boolean", "true", true],
    ["a date", "date '2017-12-25'", "2017-12-25"],
    ["a timestamp without zone", "timestamp '2017-12-25 10:00:00.5'", new Date("2017-12-25T10:00:00.500Z")],
    ["a timestamp with zone", "timestamptz '2017-12-25 10:00:00+02'", new Date("2017-12-25T08:00:00Z")],
    ["one before 1970", "timestamp '1969-12-31 23:59:59.5'", new Date("1969-12-31T23:59:59.500Z")],
    ["infinity", "'infinity'::timestamptz", "infinity"],
    ["a time", "time '10:00'", "10:00:00"],
    ["an interval", "interval '1 day'", "1 day"],
    ["a uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    ["jsonb", `'{"a":[1]}'::jsonb`, { a: [1] }],
    ["json's null", "'null'::json", null],
    ["bytes", String.raw`'\x00ff'::bytea`, new Uint8Array([0, 255])],
    ["a list", "array[1, null, 9007199254740993]::bigint[]", [1, null, 9_007_199_254_740_993n]],
    ["a list of texts", `array['a"b', 'c,d', 'NULL']`, ['a"b', "c,d", "NULL"]],
    ["a list of dates", "array[date '2020-01-01']", ["2020-01-01"]],
    ["a list of lists", "array[[1.5], [2.5]]::numeric[]", [[1.5], [2.5]]],
    ["null", "null::bigint", null],
    ["a range", "int4range(1, 3)", "[1,3)"],
  ])("%s", async (_, expression, expected) => {
    expect(await one(expression)).toStrictEqual(expected);
    const [streamed] = await all(db.rows<{ v: unknown }>(words(`select ${expression} as v`)));
    expect(streamed?.v).toStrictEqual(expected);
  });

  it("lists and objects bind", async () => {
    await db.execute`create table bound (ids bigint[], names text[], doc jsonb)`;
    const names = ['a"b\\c', "{x}", "", null, "NULL"];
    await db.execute`insert into bound values (${[1, 2n]}, ${names}, ${{ a: [1n, "x"] }})`;
    expect(await db.query`select * from bound where ${2} = any(ids) and names = ${names}`).toEqual([
      { ids: [1, 2], names, doc: { a: [1, "x"] } },
    ]);
    expect(await db.query`select count(*) as n from bound where 1 = any(${[1, 2]})`).toEqual([{ n: 1 }]);
  });

  it("go in by COPY as they are, lists and odd texts too", async () => {
    await db.execute`create table typed (id uuid, tags text[], price numeric(10, 2), at timestamp, day date, doc json, flag boolean)`;
    const row = {
      id: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      tags: ["tab\t", "line\n", String.raw`\N`, 'quo"te', null],
      price: "1234.50",
      at: new Date("2025-08-12T10:00:00.5Z"),
      day: new Date("2025-08-12T10:00:00Z"),
      doc: "a text",
      flag: false,
    };
    await db.copyIn("typed", [row, {}]);
    expect(await db.query`select * from typed where id is not null`).toEqual([
      { ...row, price: 1234.5, day: "2025-08-12" },
    ]);
  });
});

describe("a row that does not fit", () => {
  beforeEach(() => db.execute`create table if not exists strict (n integer, day date, name varchar(3) not null)`);

  it.each([
    [{ n: 3_000_000_000, name: "a" }, 'column "n" (integer): the number is larger'],
    [{ n: true, name: "a" }, 'column "n" (integer): a boolean does not fit'],
    [{ day: "tomorrowish", name: "a" }, 'column "day" (date): it is no date'],
    [{ name: "long" }, "the text is longer"],
    [{ name: null }, 'column "name" (character varying(3)): the column takes no null'],
    [{ name: "a\0b" }, 'column "name" (character varying(3)): a text with a zero byte'],
    [{ name: "a", day: new Date(Number.NaN) }, "an invalid Date"],
  ])("%j is refused by row and column, without its value", async (row, wanted) => {
    const ok = { n: 1, day: "2025-08-12", name: "ok" };
    const error: unknown = await db.copyIn("strict", [ok, { ...ok, ...row }]).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "ROW_REFUSED", message: expect.stringContaining(wanted) });
    expect(String(error)).toMatch(/Row 2/);
    expect(String(error)).not.toContain("tomorrowish");
    expect(await db.query`select * from strict`).toEqual([]);
  });

  it("a unique key that is there already is the server's own error", async () => {
    await db.execute`create table keyed (id bigint primary key)`;
    await expect(db.copyIn("keyed", [{ id: 1 }, { id: 1 }])).rejects.toMatchObject({
      code: "SQL_FAILED",
      message: expect.stringContaining("duplicate key"),
    });
  });
});

describe("replace", () => {
  it("knows a partition by null, and by a Date as by its text", async () => {
    await db.execute`create table parts (day date, region text, n integer)`;
    const where = { day: new Date("2025-08-12T00:00:00Z"), region: null };
    await db.replace("parts", [{ n: 1 }, { n: 2, day: "2025-08-12" }], { where });
    expect(await db.replace("parts", [{ n: 3 }], { where: { day: "2025-08-12", region: null } })).toEqual({
      deleted: 2,
      inserted: 1,
    });
    await expect(db.replace("parts", [{ n: 1, region: "emea" }, { n: 1 }], { where })).rejects.toThrow(
      "1 of 2 rows have",
    );
    await expect(db.replace("parts", [{ n: 1, day: null }], { where })).rejects.toMatchObject({
      code: "ROWS_OUTSIDE_PARTITION",
    });
    await expect(db.replace("parts", [], { where: { nowhere: 1 } })).rejects.toMatchObject({ code: "COLUMN_UNKNOWN" });
  });

  it("of two partitions at once: neither waits for the other", async () => {
    await db.execute`create table apart (day date, n integer)`;
    const arrived = Promise.withResolvers<void>();
    const other = Promise.withResolvers<void>();
    const slow = async function* () {
      yield { n: 1 };
      arrived.resolve();
      await other.promise;
    };
    const first = db.replace("apart", slow(), { where: { day: "2025-08-11" } });
    // The rows of the first come only after the second is through.
    await db.replace("apart", [{ n: 2 }], { where: { day: "2025-08-12" } });
    other.resolve();
    expect(await first).toEqual({ deleted: 0, inserted: 1 });
    await arrived.promise;
  });

  it("of one partition at once where there is no table yet: the rows of one are left", async () => {
    await Promise.all([1, 2, 3, 4].map((n) => db.replace("fresh", [{ n }, { n }], { where: { day: "2025-08-12" } })));
    expect(await db.query`select count(*) as rows, count(distinct n) as writers from fresh`).toEqual([
      { rows: 2, writers: 1 },
    ]);
  });
});

describe("what goes wrong", () => {
  it("a wrong password, an unknown database and no server each say so, and never show the password", async () => {
    const cases = [
      [
        server.url(database.name, { password: "hunter2hunter2" }),
        /password authentication failed.*\n.*password in its URL/,
      ],
      [server.url("nowhere"), /database "nowhere" does not exist/],
      [server.url(database.name, { port: 1 }), /ECONNREFUSED.*\n.*server up/],
    ] as const;
    for (const [address, message] of cases) {
      url = address;
      const error: unknown = await sql("db").query`select 1`.catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: "CONNECTION_FAILED", message: expect.stringMatching(message) });
      expect(String(error)).not.toContain("hunter2");
    }
  });

  it("a URL that is none is refused without showing it", async () => {
    for (const bad of ["postgres://user:se@cret@host:port/db", "postgres://host/db?pool=many"]) {
      url = bad;
      const error: unknown = await db.query`select 1`.catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: "CONNECTION_URL_REFUSED" });
      expect(String(error)).not.toContain("cret");
    }
    url = "duckdb::memory:";
    await expect(db.query`select 1`).rejects.toMatchObject({ code: "CONNECTION_NOT_AVAILABLE" });
  });

  it("a value that does not read as its type is named by its place", async () => {
    const error: unknown = await db.query`select ${1}::int + ${"hunter2"}::int`.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "SQL_FAILED", message: expect.stringContaining("integer: $2") });
    expect(String(error)).not.toContain("hunter2");
  });

  it("a connection that is cut half-way is CONNECTION_LOST, and the next call works", async () => {
    const running = db.query`select pg_sleep(60), ${"cut me"}`;
    running.catch(() => {});
    const cut = () =>
      server.execute(
        "postgres",
        `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and datname = '${database.name}'`,
      );
    await vi.waitFor(async () => expect(await cut()).toHaveLength(1), { interval: 20 });
    await expect(running).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(await one("1")).toBe(1);
  });

  it("an abort in the midst of a COPY leaves no row and no running statement", async () => {
    await db.execute`create table half (n integer)`;
    const abort = new AbortController();
    const source = async function* () {
      for (let n = 0; ; n++) {
        if (n === 5_000) abort.abort(new Error("cancelled"));
        yield { n };
      }
    };
    await expect(db.with({ signal: abort.signal }).copyIn("half", source())).rejects.toThrow("cancelled");
    expect(await db.query`select * from half`).toEqual([]);
    await vi.waitFor(async () => expect((await connections()).every(({ state }) => state === "idle")).toBe(true));
  });

  it("an abort while the source of a COPY is silent ends it too", async () => {
    const abort = new AbortController();
    const source = async function* () {
      yield { n: 1 };
      setTimeout(() => abort.abort(new Error("cancelled")), 50);
      await new Promise(() => {});
    };
    await expect(db.with({ signal: abort.signal }).copyIn("half", source())).rejects.toThrow("cancelled");
  });

  it("loops that are left early, or broken off, give their connection back", async () => {
    const many = () => db.rows`select * from generate_series(1, 100000)`;
    for (let round = 0; round < 20; round++) for await (const _ of many()) break;
    await expect(
      (async () => {
        for await (const _ of many()) throw new Error("the user's");
      })(),
    ).rejects.toThrow("the user's");
    for (let round = 0; round < 50; round++)
      await expect(db.query`select 1 / ${0}`).rejects.toThrow("division by zero");
    const open = await connections();
    expect(open.length).toBeLessThan(10);
    expect(open.every(({ state }) => state === "idle")).toBe(true);
  });

  it("a server that restarts is waited for", async () => {
    expect(await one("1")).toBe(1);
    const restarted = server.restart(200);
    // Only when it is gone are its connections: one that is broken in the midst of a statement is an error.
    const gone = async () =>
      await expect(server.execute("postgres", "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await vi.waitFor(gone, { interval: 5 });
    expect(await one("2")).toBe(2);
    await restarted;
  });
});
