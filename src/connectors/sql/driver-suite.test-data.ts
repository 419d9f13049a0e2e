import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, afterAll, beforeEach, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sql, type Sql } from "./sql.ts";

export interface SuiteOptions {
  /** Of an empty database or schema. Asked once, before the first fact. */
  readonly url: () => string | Promise<string>;
  /** A SELECT that works for much longer than a minute, until it is told to stop. */
  readonly endless: string;
  /** Says that the one above has ended on the server. Waits for it. */
  readonly ended: () => Promise<void>;
}

interface Daily {
  readonly day: string;
  readonly region: string;
  readonly sales: number;
}

/** The text of a statement that has no values, where a fact's words come from outside. */
const words = (text: string): TemplateStringsArray => Object.assign([text], { raw: [text] });
const day = "2025-08-12";
const rows = [
  { region: "emea", sales: 1.25 },
  { region: "apac", sales: 2 },
];

/** What every driver behind `sql(name)` promises, in SQL that all databases understand; names are quoted, as Snowflake changes the case of others. Run against the real system. */
export function driverSuite(name: string, { url, endless, ended }: SuiteOptions): void {
  describe(`${name} as a driver of sql(name)`, () => {
    let before: ReturnType<typeof setConnectionResolver>;
    let tables = 0;
    let table = "";
    const db: Sql = sql("db");
    const all = async () =>
      await db.query<Daily>`select "day", "region", "sales" from ${sql.identifier(table)} order by 1, 2`;

    beforeAll(async () => {
      const found = await url();
      before = setConnectionResolver(() => found);
    });
    afterAll(() => void setConnectionResolver(before));
    beforeEach(() => void (table = `facts_${(tables += 1)}`));

    it.each([
      "'; drop table t; --",
      '"); delete from t',
      "\\'; drop table t",
      "$1",
      "?",
      ":1",
      "ü ☃ 𝕏",
      "two\nlines\t",
    ])("a value is data, never SQL: %j", async (text) => {
      await db.copyIn(table, [{ name: text }, { name: "other" }]);
      const named = await db.query`select "name" from ${sql.identifier(table)} where "name" = ${text}`;
      expect(named).toEqual([{ name: text }]);
    });

    it("values go in and come back as they were", async () => {
      const row = {
        flag: true,
        whole: 42,
        half: 0.1,
        large: 9_007_199_254_740_993n,
        text: "x",
        day: "2025-08-12",
        at: new Date("2025-08-12T10:00:00.123Z"),
        bytes: new Uint8Array([0, 1, 255]),
        doc: { a: [1, null, "x"] },
        nothing: null,
      };
      expect(await db.copyIn(table, [row])).toBe(1);
      expect(await db.query`select * from ${sql.identifier(table)}`).toStrictEqual([row]);
    });

    it("a bound value of each kind finds the row that holds it", async () => {
      const row = {
        n: 1.5,
        whole: 7,
        text: "a",
        flag: false,
        day,
        moment: new Date("2025-08-12T10:00:00Z"),
        missing: null,
      };
      await db.copyIn(table, [row, { ...row, n: 2.5, whole: 8, text: "b", flag: true, day: "2025-08-13" }]);
      const found =
        await db.query`select "n" from ${sql.identifier(table)} where "n" = ${row.n} and "whole" = ${row.whole}
        and "text" = ${row.text} and "flag" = ${row.flag} and "day" = ${row.day} and "moment" = ${row.moment} and "missing" is null`;
      expect(found).toEqual([{ n: 1.5 }]);
    });

    it("replace leaves the same table however often it runs, and other partitions alone", async () => {
      await db.copyIn(table, [{ day: "2025-08-11", region: "emea", sales: 9 }]);
      expect(await db.replace(table, rows, { where: { day } })).toEqual({ deleted: 0, inserted: 2 });
      expect(await db.replace(table, rows, { where: { day } })).toEqual({ deleted: 2, inserted: 2 });
      expect(await all()).toEqual([
        { day: "2025-08-11", region: "emea", sales: 9 },
        { day, region: "apac", sales: 2 },
        { day, region: "emea", sales: 1.25 },
      ]);
      expect(await db.replace(table, [], { where: { day } })).toEqual({ deleted: 2, inserted: 0 });
      expect(await all()).toHaveLength(1);
    });

    it("two that replace one partition at once leave the rows of one of them", async () => {
      await db.copyIn(table, [{ day: "2025-08-11", region: "emea", sales: 9 }]);
      let begun = 0;
      const together = Promise.withResolvers<void>();
      // Without a lock all three would be past their delete before the first of them commits.
      const source = async function* (sales: number) {
        if ((begun += 1) === 3) together.resolve();
        yield { region: "emea", sales };
        await Promise.race([together.promise, pause(200)]);
        yield { region: "apac", sales };
      };
      await Promise.all([1, 2, 3].map((sales) => db.replace(table, source(sales), { where: { day } })));
      const left = (await all()).filter((row) => row.day === day);
      expect(left).toHaveLength(2);
      expect(new Set(left.map((row) => row.sales)).size).toBe(1);
    });

    it("replace refuses a row of another partition, and changes nothing", async () => {
      await db.replace(table, rows, { where: { day } });
      const stranger = [
        { region: "emea", sales: 5 },
        { region: "emea", sales: 6, day: "2025-08-13" },
      ];
      await expect(db.replace(table, stranger, { where: { day } })).rejects.toMatchObject({
        code: "ROWS_OUTSIDE_PARTITION",
      });
      expect(await all()).toHaveLength(2);
      // The same day, said in full.
      expect(await db.replace(table, [{ ...rows[0], day }], { where: { day } })).toMatchObject({ inserted: 1 });
    });

    it("replace needs a partition", async () => {
      await expect(db.replace(table, rows, { where: {} })).rejects.toMatchObject({ code: "PARTITION_NOT_NAMED" });
    });

    it("copyIn is all or nothing when its source fails on the way", async () => {
      await db.copyIn(table, [{ n: -1 }]);
      const source = async function* () {
        for (let n = 0; n < 5_000; n++) yield { n };
        throw new Error("the source broke");
      };
      await expect(db.copyIn(table, source())).rejects.toThrow("the source broke");
      expect(await db.query`select "n" from ${sql.identifier(table)}`).toEqual([{ n: -1 }]);
    });

    it("copyIn says how far it is, and gives null for what a row lacks", async () => {
      const told: number[] = [];
      const source = Array.from({ length: 5_000 }, (_, n) => (n % 2 === 0 ? { n, m: "x" } : { n }));
      expect(await db.copyIn(table, source, { onProgress: (done) => void told.push(done) })).toBe(5_000);
      expect(told.at(-1)).toBe(5_000);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(await db.query`select count(*) as "n" from ${sql.identifier(table)} where "m" is null`).toEqual([
        { n: 2_500 },
      ]);
    });

    it("copyIn refuses a key that is no column, one that appears late, and a table that it may not make", async () => {
      await db.copyIn(table, [{ n: 1 }]);
      await expect(db.copyIn(table, [{ strange: 1 }])).rejects.toMatchObject({ code: "COLUMN_UNKNOWN" });
      const late = Array.from({ length: 3_000 }, (_, n) => (n < 2_500 ? { n } : { n, strange: 1 }));
      await expect(db.copyIn(table, late)).rejects.toMatchObject({
        code: "ROW_REFUSED",
        message: expect.stringContaining("Row 2501"),
      });
      await expect(db.copyIn("nowhere", [{ n: 1 }], { create: false })).rejects.toMatchObject({
        code: "TABLE_MISSING",
      });
      expect(await db.query`select "n" from ${sql.identifier(table)}`).toEqual([{ n: 1 }]);
    });

    it("copyIn names the row and the column that do not fit", async () => {
      await db.copyIn(table, [{ n: 1n }]);
      const source = Array.from({ length: 3_000 }, (_, at) => ({ n: at === 2_999 ? 1.5 : at }));
      await expect(db.copyIn(table, source)).rejects.toMatchObject({
        code: "ROW_REFUSED",
        message: expect.stringMatching(/Row 3000, column "n"/),
      });
      expect(await db.query`select count(*) as "n" from ${sql.identifier(table)}`).toEqual([{ n: 1 }]);
    });

    it("rows come one by one; leaving the loop early leaves nothing behind", async () => {
      await db.copyIn(
        table,
        Array.from({ length: 10_000 }, (_, n) => ({ n })),
      );
      let sum = 0;
      for await (const { n } of db.rows<{ n: number }>`select "n" from ${sql.identifier(table)}`) sum += n;
      expect(sum).toBe((9_999 * 10_000) / 2);
      for await (const _ of db.rows`select "n" from ${sql.identifier(table)}`) break;
      expect(await db.execute`delete from ${sql.identifier(table)} where "n" < ${10}`).toBe(10);
    });

    it("rows feed a write on the same connection", async () => {
      await db.copyIn(
        table,
        Array.from({ length: 5_000 }, (_, n) => ({ n })),
      );
      const copied = db.rows`select "n" from ${sql.identifier(table)} where "n" < ${3_000}`;
      expect(await db.copyIn(`${table}_copy`, copied)).toBe(3_000);
    });

    it("an unknown table is an error with the statement's text and none of its values", async () => {
      const error = await db.query`select * from nowhere where "password" = ${"hunter2"}`.catch(
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({ code: "SQL_FAILED", message: expect.stringContaining('Connection "db"') });
      expect(String(error)).toContain("nowhere");
      expect(String(error)).not.toContain("hunter2");
    });

    it("one call is one statement", async () => {
      await db.copyIn(table, [{ n: 1 }]);
      const two = words(`select 1 as "n"; delete from "${table}"`);
      await expect(db.query(two)).rejects.toMatchObject({ code: expect.stringMatching(/^SQL_/) });
      expect(await db.query`select "n" from ${sql.identifier(table)}`).toEqual([{ n: 1 }]);
    });

    it("an abort half-way ends the statement on the server", async () => {
      const abort = new AbortController();
      const running = db.with({ signal: abort.signal }).query(words(endless));
      running.catch(() => {});
      setTimeout(() => abort.abort(new Error("cancelled by a user")), 300);
      await expect(running).rejects.toThrow("cancelled by a user");
      await ended();
      expect(await db.query`select 1 as "n"`).toEqual([{ n: 1 }]);
    });
  });
}
