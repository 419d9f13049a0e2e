import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTask, runWorkflow, type TaskRunResult } from "tutti/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import retail, { announce, extract } from "./pipelines/retail.ts";
import seed from "./pipelines/seed.ts";
import { total } from "./sales.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-retail-"));
const connections = {
  orders: `duckdb:${folder}/orders.duckdb`,
  warehouse: `duckdb:${folder}/warehouse.duckdb`,
  files: "duckdb::memory:",
};

beforeAll(async () => {
  const seeded = await runWorkflow(seed, { connections });
  expect(seeded.tasks.seed_orders).toMatchObject({ output: { lines: 9_994, days: 1_237, sales: 2_297_200.8603 } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = (date: string, region: "all" | "West" = "all") =>
  runWorkflow(retail, { date, params: { region }, connections });

describe("the retail pipeline", () => {
  it("2017-12-25 has 23 lines, sales 2698.927, quantity 87, however often it runs", async () => {
    for (let again = 0; again < 2; again++) {
      const run = await day("2017-12-25");

      expect(run.state).toBe("succeeded");
      expect(run.tasks.load).toMatchObject({ output: { lines: 23, sales: 2698.927, quantity: 87 } });
    }
  });

  it("a day without orders ends well: its load is skipped, and the channel is told", async () => {
    const run = await day("2017-12-12");
    const stateOf = (task: string) => (run.tasks[task] as TaskRunResult).state;

    expect(run.state).toBe("succeeded");
    expect(run.tasks.extract).toMatchObject({ state: "skipped", skipped: "no orders on 2017-12-12" });
    expect([stateOf("load"), stateOf("notify")]).toEqual(["skipped", "succeeded"]);
    expect(run.tasks.notify).toMatchObject({ output: announce("2017-12-12", undefined) });
  });

  it("a run for one region reads only that region", async () => {
    const run = await day("2017-12-25", "West");

    expect(run.tasks.sales_by_region).toMatchObject({ output: [{ region: "West" }] });
  });

  it("a task runs alone, too", async () => {
    const { output, artifacts } = await runTask(extract, { region: "all" }, { date: "2017-12-25", connections });

    expect(output.count).toBe(23);
    expect(Object.keys(artifacts)).toEqual(["orders-2017-12-25.jsonl"]);
  });

  it("sums are exact", () => {
    expect(total(Array.from({ length: 10 }, () => ({ sales: 0.1, quantity: 1, profit: -0.1 })))).toEqual({
      lines: 10,
      sales: 1,
      quantity: 10,
      profit: -1,
    });
  });
});
