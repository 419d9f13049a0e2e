import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRef, Context } from "tutti";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../src/authoring/connection.ts";
import { sql } from "tutti/sql";
import { announce, extract, load, salesByRegion, topProducts } from "./pipelines/retail.ts";
import { seedOrders } from "./pipelines/seed.ts";
import { total } from "./sales.ts";

const DAYS = 1_237;
const folder = mkdtempSync(join(tmpdir(), "tutti-retail-"));
const orders = sql("orders");
const warehouse = sql("warehouse");
let before: ReturnType<typeof setConnectionResolver>;

beforeAll(async () => {
  before = setConnectionResolver((name) => `duckdb:${folder}/${name}.duckdb`);
  await seedOrders.fn(undefined, context("2017-12-25"));
});
afterAll(() => {
  setConnectionResolver(before);
  rmSync(folder, { recursive: true, force: true });
});

class Skipped extends Error {}

function context(date: string): Context {
  return {
    date,
    idempotencyKey: `test ${date}`,
    signal: new AbortController().signal,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    artifact: () => ({ write: async (rows: unknown) => artifact(rows as object[]) }),
    skip(reason: string): never {
      throw new Skipped(reason);
    },
  } as Partial<Context> as Context;
}

/** As an artifact gives rows back: through JSON lines. */
const artifact = (rows: readonly object[]): ArtifactRef =>
  ({
    async *rows() {
      for (const row of rows) yield JSON.parse(JSON.stringify(row));
    },
  }) as Partial<ArtifactRef> as ArtifactRef;

async function day(date: string, region: "all" | "West" = "all") {
  const ctx = context(date);
  const { file } = await extract.fn({ region }, ctx);
  const [sales, top] = [await salesByRegion.fn({ file }, ctx), await topProducts.fn({ file, limit: 3 }, ctx)];
  return await load.fn({ sales, top, region }, ctx);
}

const stored = async (date: string) =>
  await warehouse.query`select sum(lines) as lines, sum(sales) as sales, sum(quantity) as quantity from daily_sales where day = ${date}`;

describe("the retail pipeline's tasks", () => {
  it("the source has every order line", async () => {
    expect(
      await orders.query`select count(*) as lines, count(distinct ordered_on) as days, sum(sales) as sales from orders`,
    ).toEqual([{ lines: 9_994, days: DAYS, sales: 2_297_200.8603 }]);
  });

  it("2017-12-25 has 23 lines, sales 2698.927, quantity 87, however often it runs", async () => {
    for (let again = 0; again < 2; again++) {
      expect(await day("2017-12-25")).toMatchObject({ lines: 23, sales: 2698.927, quantity: 87 });
      expect(await stored("2017-12-25")).toEqual([{ lines: 23, sales: 2698.927, quantity: 87 }]);
    }
  });

  it("a run for one region replaces that region and leaves the others", async () => {
    await day("2017-12-25");
    await day("2017-12-25", "West");
    expect(await stored("2017-12-25")).toEqual([{ lines: 23, sales: 2698.927, quantity: 87 }]);
    expect(
      await warehouse.query`select selection, count(*) as n from daily_top_products where day = '2017-12-25' group by selection order by selection`,
    ).toEqual([
      { selection: "West", n: 2 },
      { selection: "all", n: 3 },
    ]);
  });

  it("a day without orders is skipped with its reason", async () => {
    await expect(day("2017-12-31")).rejects.toEqual(new Skipped("no orders on 2017-12-31"));
    expect(announce("2017-12-31", undefined)).toBe("2017-12-31: no orders");
  });

  it("all amounts together are exact", async () => {
    const lines = await orders.query<{
      sales: number;
      quantity: number;
      profit: number;
    }>`select sales, quantity, profit from orders`;
    expect(total(lines)).toMatchObject({ lines: 9_994, sales: 2_297_200.8603, quantity: 37_873 });
  });
});
