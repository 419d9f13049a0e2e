import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sql } from "../sql/index.ts";
import { duckdb } from "./index.ts";

let before: ReturnType<typeof setConnectionResolver>;
let databases = 0;
const urls: Record<string, string> = {};
beforeEach(() => {
  urls["db"] = `duckdb::memory:writing${++databases}`;
  before = setConnectionResolver((name) => urls[name]);
});
afterEach(() => void setConnectionResolver(before));

const db = duckdb("db");
const columns = async (table: string) =>
  Object.fromEntries(
    (await db.query<{ column_name: string; column_type: string }>`describe ${sql.identifier(table)}`).map((column) => [
      column.column_name,
      column.column_type,
    ]),
  );

describe("replace", () => {
  const day = "2025-08-12";
  const rows = [
    { region: "emea", sales: 1.25 },
    { region: "apac", sales: 2 },
  ];

  it("leaves the same table however often it runs, and other partitions alone", async () => {
    await db.execute`create table daily (day date, region text, sales decimal(18, 4))`;
    await db.execute`insert into daily values (date '2025-08-11', 'emea', 9)`;
    expect(await db.replace("daily", rows, { where: { day } })).toEqual({ deleted: 0, inserted: 2 });
    expect(await db.replace("daily", rows, { where: { day } })).toEqual({ deleted: 2, inserted: 2 });
    expect(await db.query`select * from daily order by day, region`).toEqual([
      { day: "2025-08-11", region: "emea", sales: 9 },
      { day, region: "apac", sales: 2 },
      { day, region: "emea", sales: 1.25 },
    ]);
  });

  it("any sequence of replacements leaves each partition's last rows", async () => {
    await db.execute`create table parts (part integer, n integer)`;
    const replacement = fc.record({
      part: fc.integer({ min: 0, max: 2 }),
      rows: fc.array(fc.record({ n: fc.integer() }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(replacement, { maxLength: 5 }), async (replacements) => {
        await db.execute`delete from parts`;
        for (const { part, rows } of replacements) await db.replace("parts", rows, { where: { part } });
        const expected = Object.values(
          Object.fromEntries(replacements.map(({ part, rows }) => [part, rows.map(({ n }) => ({ part, n }))])),
        ).flat();
        expect(await db.query`select * from parts order by part, n`).toEqual(
          expected.sort((a, b) => a.part - b.part || a.n - b.n),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("no rows empty the partition", async () => {
    await db.replace("daily", rows, { where: { day } });
    expect(await db.replace("daily", [], { where: { day } })).toEqual({ deleted: 2, inserted: 0 });
  });

  it("changes nothing when a row breaks a constraint", async () => {
    await db.execute`create table daily (day date, region text check (region <> 'mars'), sales double)`;
    await db.replace("daily", rows, { where: { day } });
    await expect(
      db.replace(
        "daily",
        [
          { region: "emea", sales: 3 },
          { region: "mars", sales: 1 },
        ],
        { where: { day } },
      ),
    ).rejects.toMatchObject({ code: "SQL_FAILED" });
    expect(await db.query`select sum(sales) as sales from daily`).toEqual([{ sales: 3.25 }]);
  });

  it("refuses rows of another partition, and a partition that is not named", async () => {
    await db.execute`create table daily (day date, region text, sales double)`;
    await expect(
      db.replace("daily", [{ day: "2025-08-13", region: "emea", sales: 1 }], { where: { day } }),
    ).rejects.toMatchObject({ code: "ROWS_OUTSIDE_PARTITION" });
    await expect(db.replace("daily", rows, { where: {} })).rejects.toMatchObject({ code: "PARTITION_NOT_NAMED" });
    expect(await db.query`select * from daily`).toEqual([]);
  });

  it("knows a partition by null and by several columns", async () => {
    await db.replace("daily", [{ n: 1 }], { where: { day, region: null } });
    await db.replace("daily", [{ n: 2 }], { where: { day, region: "emea" } });
    await db.replace("daily", [{ n: 3 }], { where: { day, region: null } });
    expect(await db.query`select region, n from daily order by n`).toEqual([
      { region: "emea", n: 2 },
      { region: null, n: 3 },
    ]);
  });

  it("many at once in one process all arrive", async () => {
    const days = Array.from({ length: 20 }, (_, at) => `2025-08-${String(at + 1).padStart(2, "0")}`);
    await Promise.all(days.map((day) => db.replace("daily", rows, { where: { day } })));
    expect(await db.query`select count(*) as n, count(distinct day) as days from daily`).toEqual([{ n: 40, days: 20 }]);
  });

  it("is not escaped from by the names of its columns and table", async () => {
    const evil = 'x"; drop table other; --';
    await db.execute`create table other (n integer)`;
    await db.replace(sql.identifier(evil), [{ [evil]: "a", n: 1 }], { where: { [evil]: "a" } });
    expect(await db.query`select n from ${sql.identifier(evil)}`).toEqual([{ n: 1 }]);
    expect(await db.query`select * from other`).toEqual([]);
  });
});

describe("copyIn", () => {
  it("makes a missing table from the rows' shape, and not when told so", async () => {
    const at = new Date("2025-08-12T06:00:00Z");
    await db.copyIn("made", [
      {
        n: 1,
        big: 1n,
        huge: 10n ** 20n,
        ok: true,
        text: "a",
        day: "2025-08-12",
        at,
        bytes: new Uint8Array([1]),
        tags: ["x"],
        none: null,
      },
    ]);
    expect(await columns("made")).toEqual({
      n: "DOUBLE",
      big: "BIGINT",
      huge: "HUGEINT",
      ok: "BOOLEAN",
      text: "VARCHAR",
      day: "DATE",
      at: "TIMESTAMP WITH TIME ZONE",
      bytes: "BLOB",
      tags: "JSON",
      none: "VARCHAR",
    });
    expect(await db.query`select * from made`).toEqual([
      {
        n: 1,
        big: 1,
        huge: 10n ** 20n,
        ok: true,
        text: "a",
        day: "2025-08-12",
        at,
        bytes: new Uint8Array([1]),
        tags: ["x"],
        none: null,
      },
    ]);
    await expect(db.copyIn("absent", [{ n: 1 }], { create: false })).rejects.toMatchObject({ code: "TABLE_MISSING" });
  });

  it("fits values to the table's own types", async () => {
    await db.execute`create table typed (i integer, d decimal(18, 4), day date, "at" timestamp, list integer[], place struct(x double, y double), u uuid, t time, kind enum('a', 'b'), h hugeint default 7)`;
    await db.copyIn("typed", [
      {
        i: 3n,
        d: 2.1234,
        day: new Date("2025-08-12T23:00:00Z"),
        at: new Date("2025-08-12T06:00:00.5Z"),
        list: [1, 2],
        place: { x: 1.5, y: 2 },
        u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        t: "10:00",
        kind: "b",
      },
    ]);
    expect(await db.query`select * from typed`).toEqual([
      {
        i: 3,
        d: 2.1234,
        day: "2025-08-12",
        at: new Date("2025-08-12T06:00:00.5Z"),
        list: [1, 2],
        place: { x: 1.5, y: 2 },
        u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        t: "10:00:00",
        kind: "b",
        h: 7,
      },
    ]);
  });

  it("a decimal is the number that was written, not the double beside it", async () => {
    await db.execute`create table money (amount decimal(18, 4))`;
    await db.copyIn(
      "money",
      Array.from({ length: 10 }, () => ({ amount: 0.1 })),
    );
    expect(await db.query`select sum(amount) as sum from money`).toEqual([{ sum: 1 }]);
  });

  it.each([
    [{ n: 1.5 }, "a whole number"],
    [{ n: "1" }, "a whole number"],
    [{ n: 2n ** 70n }, "64 bits"],
    [{ ok: 1 }, "a boolean"],
    [{ text: { a: 1 } }, "text"],
  ])("refuses %o by row and column", async (row, wanted) => {
    await db.execute`create table strict (n bigint, ok boolean, text text)`;
    await expect(
      db.copyIn(
        "strict",
        [{}, row].map((each) => ({ n: null, ok: null, text: null, ...each })),
      ),
    ).rejects.toMatchObject({
      code: "ROW_REFUSED",
      message: expect.stringMatching(new RegExp(`Row 2, column "${Object.keys(row)[0]}".*${wanted}`)),
    });
    expect(await db.query`select * from strict`).toEqual([]);
  });

  it("refuses a key that is no column, and one that appears late", async () => {
    await db.execute`create table narrow (n integer)`;
    await expect(db.copyIn("narrow", [{ m: 1 }])).rejects.toMatchObject({
      code: "COLUMN_UNKNOWN",
      message: expect.stringContaining("It has: n."),
    });
    const late = Array.from({ length: 3000 }, (_, at) => (at < 2500 ? { n: at } : { n: at, m: 1 }));
    await expect(db.copyIn("narrow", late)).rejects.toMatchObject({
      code: "ROW_REFUSED",
      message: expect.stringContaining("Row 2501"),
    });
  });

  it("keeps nothing when its source fails on the way", async () => {
    await db.execute`create table half (n integer)`;
    const source = async function* () {
      for (let n = 0; n < 5000; n++) yield { n };
      throw new Error("the source broke");
    };
    await expect(db.copyIn("half", source())).rejects.toThrow("the source broke");
    expect(await db.query`select * from half`).toEqual([]);
  });

  it("100,000 rows in a few seconds at most", async () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({
      id,
      name: `row ${id}`,
      price: id / 4,
      ok: id % 2 === 0,
    }));
    const started = performance.now();
    expect(await db.copyIn("big", rows)).toBe(100_000);
    // 0.3 s on two quiet cores; the bound is for a busy machine.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await db.query`select count(*) as n, sum(price) as sum from big`).toEqual([{ n: 100_000, sum: 1249987500 }]);
  });
});

it("execute says how many rows it changed", async () => {
  await db.execute`create table t (n integer)`;
  expect(await db.execute`insert into t select range from range(${5})`).toBe(5);
  expect(await db.execute`delete from t where n > ${2}`).toBe(2);
});

it.each(["Parquet", "Csv", "Json"] as const)("%s goes out and comes in", async (format) => {
  const project = tempProject();
  const rows = [
    { id: 1.5, name: 'it\'s "quoted"', day: "2025-08-12" },
    { id: 2, name: null, day: "2025-08-13" },
  ];
  const file = project.path(`out '${format}'`);
  const told: number[] = [];
  expect(await db[`write${format}`](file, rows, { onProgress: (done) => void told.push(done) })).toBe(2);
  expect(told).toEqual([2]);
  const read: object[] = [];
  for await (const row of db[`read${format}`](file)) read.push(row);
  expect(read).toEqual(rows);
  expect(await db[`write${format}`](file, rows.slice(1))).toBe(1);
});
