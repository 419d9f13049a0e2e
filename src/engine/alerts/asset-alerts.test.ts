import { afterEach, beforeEach, expect, test } from "vitest";
import { AlertWorld } from "../../../test/support/alert-world.ts";
import type { Alert } from "../../authoring/alert.ts";
import { asset } from "../../authoring/asset.ts";
import { type AssetUpdate, check } from "../../authoring/check.ts";
import { startDeclarations } from "../../authoring/connection.ts";
import { dag } from "../../authoring/dag.ts";
import { task } from "../../authoring/task.ts";

let told: Alert[] = [];
let world: AlertWorld;
const tell = (alert: Alert) => void told.push(alert);
beforeEach(() => startDeclarations());
afterEach(async () => {
  told = [];
  await world.close();
});
const findings = async (name: string) =>
  (await world.store.assets.findings({ asset: name, limit: 10 }))
    .map(({ check: its, status, message, partition }) => [its, status, message, partition].join(" ").trim())
    .toReversed();
const updates = async (name: string) => (await world.store.assets.updates({ asset: name, limit: 10 })).length;

test("what checks find is kept with what was made, and told where it fails nothing", async () => {
  const sales = asset("sales", { onCheck: tell });
  const other = asset("other", { onCheck: tell });
  check(sales, function hasRows({ value, metadata, partition }: AssetUpdate<number>) {
    return value === 12 && metadata?.["rows"] === 12 && partition === "emea";
  });
  check(sales, { name: "few" }, () => ({ status: "warn", message: "more than ever", metadata: { rows: 12 } }));
  check(sales, () => {
    throw new TypeError("no column");
  });
  check(sales, async (_, ctx) => ctx.log.info(`of ${ctx.task}`));
  check(other, () => true);
  const load = task("load", { produces: [sales, other] }, (_: void, ctx) => {
    ctx.materialized(sales, { rows: 12 }, { partition: "emea" });
    return 12;
  });
  world = await AlertWorld.open(dag("retail", {}, () => void load()));
  await world.run();
  expect(await findings("sales")).toEqual([
    "hasRows pass  emea",
    "few warn more than ever emea",
    "check fail TypeError: no column emea",
    "check_2 pass  emea",
  ]);
  expect(await findings("other")).toEqual(["check pass"]);
  expect([await updates("sales"), await updates("other")]).toEqual([1, 1]);
  expect(told.map(({ event, task: name, error }) => [event, name, error?.code, error?.message])).toEqual([
    [
      "check",
      "load",
      "ASSET_CHECK_FAILED",
      'Check "few" of asset "sales" warns: more than ever Check "check" of asset "sales" failed: TypeError: no column',
    ],
  ]);
});

test("a blocking check that fails fails the task, in each try: nothing was made, and what it found is kept", async () => {
  const sales = asset("sales", { onCheck: tell });
  check(sales, { name: "rows", blocking: true }, () => ({ status: "fail", message: "none" }));
  check(sales, { name: "other" }, () => true);
  const load = task("load", { produces: sales, retries: 1, onFailure: tell }, () => 1);
  const after = task("after", () => 2);
  world = await AlertWorld.open(
    dag("retail", {}, () => {
      after().after(load());
    }),
  );
  const id = await world.start();
  await world.later("1h");
  await world.ended(id);
  await world.alerts.settled();
  expect(await updates("sales")).toBe(0);
  expect(await findings("sales")).toEqual(["rows fail none", "other pass", "rows fail none", "other pass"]);
  const { taskRuns } = (await world.store.loadRun(id))!;
  expect(taskRuns.map(({ state }) => state).toSorted()).toEqual(["failed", "upstream_failed"]);
  expect(told.map(({ event, error }) => [event, error?.code])).toEqual([["failed", "ASSET_CHECK_FAILED"]]);
});

test("what no check can return is a failure of that check", async () => {
  const sales = asset("sales");
  check(sales, (() => "fine") as never);
  check(sales, () => ({ status: "pass", metadata: { at: new Date(0) } }));
  const load = task("load", { produces: sales }, () => 1);
  world = await AlertWorld.open(dag("retail", {}, () => void load()));
  await world.run();
  expect((await findings("sales")).map((line) => /\[\w+\]/.exec(line)?.[0])).toEqual(["[BAD_CHECK]", "[BAD_EVENT]"]);
});

test("an asset that is too old is told once, until it is updated and too old again", async () => {
  const sales = asset("sales", { freshness: { within: "2h" }, onStale: tell });
  const load = task("load", { produces: sales }, () => 1);
  world = await AlertWorld.open(dag("retail", {}, () => void load()));
  await world.later("1h");
  expect(told).toEqual([]);
  await world.later("1h 1m");
  expect(told).toMatchObject([
    { event: "stale", workflow: "retail", task: "load", runId: null, error: { code: "ASSET_STALE" } },
  ]);
  expect(told[0]!.error!.message).toContain("It was never updated.");
  await world.later("5h");
  expect(told).toHaveLength(1);
  await world.run();
  await world.later("1h 50m");
  expect(told).toHaveLength(1);
  await world.later("12m");
  expect(told).toHaveLength(2);
  expect(told[1]!.error!.message).toContain("Its last update was at ");
  expect(told[1]!.key).toBe(told[0]!.key);
});
