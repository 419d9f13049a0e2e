import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sql } from "../sql/index.ts";
import { SqlFailed } from "../sql/sql-errors.ts";

let before: ReturnType<typeof setConnectionResolver>;
beforeAll(() => void (before = setConnectionResolver(() => "duckdb::memory:reading")));
afterAll(() => void setConnectionResolver(before));

const db = sql("db");
const one = async (text: TemplateStringsArray, ...values: never[]): Promise<unknown> =>
  Object.values((await db.query(text, ...values))[0] ?? {})[0];

describe("binding", () => {
  const attempts = [
    "'; drop table secrets; --",
    "1 or 1=1",
    '"); delete from secrets',
    "\\'; drop table secrets",
    "$1",
    "\u0000",
  ];
  it.each(attempts)("a value is data, never SQL: %j", async (attempt) => {
    await db.execute`create or replace table secrets as select 'x' as name`;
    expect(await db.query`select name from secrets where name = ${attempt}`).toEqual([]);
    expect(await one`select ${attempt as never} as v`).toBe(attempt);
    expect(await one`select count(*) from secrets`).toBe(1);
  });

  it("an identifier that tries to break out names a column that is not there", async () => {
    await db.execute`create or replace table secrets as select 'x' as name`;
    await expect(
      db.query`select ${sql.identifier('name" from secrets; drop table secrets; --')} from secrets`,
    ).rejects.toMatchObject({ code: "SQL_FAILED" });
    expect(await one`select count(*) from secrets`).toBe(1);
  });

  it("one statement a call", async () => {
    await expect(db.query`select 1; select 2`).rejects.toMatchObject({ code: "SQL_SEVERAL_STATEMENTS" });
  });

  it.each([
    ["text", "a'b"],
    ["a whole number", 5_000_000_000],
    ["a fraction", -0.1],
    ["a boolean", true],
    ["null", null],
    ["an instant", new Date("2025-08-12T06:00:00.123Z")],
    ["bytes", new Uint8Array([0, 255])],
    ["a bigint past the safe ones", 10n ** 30n],
    ["a list of numbers", [1, 2, null]],
    ["a list of texts", ["a", null]],
    ["an empty list", []],
    ["a list of fractions", [1, 2.5]],
    ["a list of bigints", [1n, 10n ** 20n].slice(1)],
  ])("%s comes back as it went", async (_, value) => {
    expect(await one`select ${value as never} as v`).toEqual(value);
  });

  it("a calendar date's text compares with a date column, and a Date with it in UTC", async () => {
    await db.execute`create or replace table days as select date '2025-08-12' as day`;
    expect(await db.query`select day from days where day = ${"2025-08-12"}`).toEqual([{ day: "2025-08-12" }]);
    expect(await db.query`select day from days where day = ${new Date("2025-08-12")}`).toEqual([{ day: "2025-08-12" }]);
  });

  it("an object binds as JSON, bigints and maps in it too", async () => {
    expect(await one`select ${{ a: 1n, m: new Map([["k", [true]]]) } as never}::json`).toEqual({
      a: 1,
      m: { k: [true] },
    });
  });
});

describe("types", () => {
  it.each([
    ["count(*)", "count(*)", 1],
    ["a sum of integers", "sum(1)", 1],
    ["a safe bigint", "9007199254740991::bigint", Number.MAX_SAFE_INTEGER],
    ["a larger one", "9007199254740993::bigint", 9007199254740993n],
    ["a hugeint", "170141183460469231731687303715884105727::hugeint", 170141183460469231731687303715884105727n],
    ["a decimal", "2698.9270::decimal(18,4)", 2698.927],
    ["a negative decimal", "-0.05::decimal(18,4)", -0.05],
    ["a decimal of more than 15 digits", "12345678901234.5678::decimal(38,4)", "12345678901234.5678"],
    ["a date", "date '2017-12-25'", "2017-12-25"],
    ["a timestamp without zone", "timestamp '2017-12-25 10:00:00.5'", new Date("2017-12-25T10:00:00.500Z")],
    ["a timestamp with zone", "timestamptz '2017-12-25 10:00:00+02'", new Date("2017-12-25T08:00:00Z")],
    ["one before 1970", "timestamp '1969-12-31 23:59:59.9995'", new Date("1969-12-31T23:59:59.999Z")],
    ["nanoseconds", "timestamp_ns '2017-12-25 10:00:00.123456789'", new Date("2017-12-25T10:00:00.123Z")],
    ["infinity", "'infinity'::timestamp", "infinity"],
    ["a time", "time '10:00'", "10:00:00"],
    ["an interval", "interval 1 day", "1 day"],
    ["a uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    ["an enum", "'a'::enum('a', 'b')", "a"],
    ["json", `'{"a":[1]}'::json`, { a: [1] }],
    ["a list", "[1, 2]::bigint[]", [1, 2]],
    ["a struct", "{a: 1, b: date '2020-01-01'}", { a: 1, b: "2020-01-01" }],
    ["a map", "map {'k': 1::bigint}", new Map([["k", 1]])],
    ["bytes", "'x'::blob", new Uint8Array([120])],
    ["null", "null::bigint", null],
    ["nested", "[{d: 1.5::decimal(4,2)}]", [{ d: 1.5 }]],
  ])("%s", async (_, expression, expected) => {
    const text = Object.assign([`select ${expression} as v`], { raw: [""] }) as unknown as TemplateStringsArray;
    expect(await one(text)).toStrictEqual(expected);
  });
});

describe("rows", () => {
  it("come one by one, and leaving the loop ends the statement", async () => {
    let seen = 0;
    for await (const { n } of db.rows<{ n: number }>`select range as n from range(${100_000_000})`)
      if ((seen = n) === 5_000) break;
    expect(seen).toBe(5_000);
    expect(await one`select 1`).toBe(1);
  });

  it("can feed another statement of the same connection", async () => {
    await db.execute`create or replace table doubled (n bigint)`;
    const doubled = async function* () {
      for await (const { n } of db.rows<{ n: number }>`select range as n from range(3000)`) yield { n: n * 2 };
    };
    expect(await db.copyIn("doubled", doubled())).toBe(3000);
    expect(await one`select sum(n) from doubled`).toBe(2999 * 3000);
  });
});

describe("an error", () => {
  it("shows the statement's text and none of its values", async () => {
    const error = await db.query`select * from nowhere where password = ${"hunter2"}`.catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SqlFailed);
    expect(error).toMatchObject({ code: "SQL_FAILED", statement: "select * from nowhere where password = $1" });
    expect(String(error)).toContain('Connection "db"');
    expect(String(error)).not.toContain("hunter2");
  });

  it("in the midst of a stream is one too", async () => {
    const read = async () => {
      for await (const _ of db.rows`select cast(case when range < 5000 then '1' else 'x' end as integer) as n from range(10000)`);
    };
    await expect(read()).rejects.toMatchObject({ code: "SQL_FAILED" });
  });
});

it("an abort interrupts a running statement", async () => {
  const stop = new AbortController();
  const slow = db.with({ signal: stop.signal })
    .query`select sum(a.range * b.range) from range(1000000) a, range(1000000) b`;
  setTimeout(() => stop.abort(new Error("cancelled")), 50);
  await expect(slow).rejects.toThrow("cancelled");
  expect(await one`select 1`).toBe(1);
});

it("an abort at any moment of its beginning ends a statement", async () => {
  await one`select 1`;
  for (let turns = 0; turns < 60; turns++) {
    const stop = new AbortController();
    const slow = db.with({ signal: stop.signal })
      .query`select sum(a.range * b.range) from range(1000000) a, range(1000000) b`;
    slow.catch(() => {});
    for (let turn = 0; turn < turns % 12; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error("cancelled"));
    await expect(slow).rejects.toThrow("cancelled");
  }
});
