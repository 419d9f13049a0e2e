import { expect, test } from "vitest";
import { asset } from "../authoring/asset.ts";
import { build } from "../authoring/build.ts";
import { check } from "../authoring/check.ts";
import { startDeclarations } from "../authoring/connection.ts";
import { dag } from "../authoring/dag.ts";
import { onAsset } from "../authoring/on-asset.ts";
import { task } from "../authoring/task.ts";
import { assetGraph } from "./asset-graph.ts";

const orders = asset("shop://orders");
const staged = asset("lake://staged");
const sales = asset("warehouse://sales", { owner: "data", tags: ["gold"], freshness: { within: "26h" } });
const board = asset("bi://board");

test("an asset is made from what the tasks before its maker read or made, up to the nearest that made something", () => {
  startDeclarations();
  check(sales, { name: "has rows", blocking: true }, () => true);
  const extract = task("extract", { consumes: orders }, () => 1);
  const stage = task("stage", { produces: staged }, ({ n }: { n: number }) => n);
  const shape = task("shape", ({ n }: { n: number }) => n);
  const load = task("load", { produces: sales }, ({ n }: { n: number }) => n);
  const publish = task("publish", { produces: board }, () => 1);
  const retail = build(
    dag("retail", {}, () => {
      load({ n: shape({ n: stage({ n: extract() }) }) });
    }),
  ).manifest;
  const boards = build(dag("boards", { schedule: onAsset(sales.or(orders)) }, () => void publish())).manifest;
  const { assets, edges } = assetGraph([retail, boards]);
  expect(
    edges.map(
      ({ from, to, by, started }) => `${from} > ${to} by ${by.workflow}/${by.task}${started ? " started" : ""}`,
    ),
  ).toEqual([
    "shop://orders > lake://staged by retail/stage",
    "lake://staged > warehouse://sales by retail/load",
    "shop://orders > bi://board by boards/publish started",
    "warehouse://sales > bi://board by boards/publish started",
  ]);
  expect(assets.map(({ name }) => name)).toEqual(["bi://board", "lake://staged", "shop://orders", "warehouse://sales"]);
  expect(assets.at(-1)).toEqual({
    name: "warehouse://sales",
    about: { owner: "data", tags: ["gold"], freshness: { kind: "age", withinMs: 93_600_000 } },
    makers: [{ workflow: "retail", task: "load" }],
    readers: [],
    starts: ["boards"],
    checks: [{ asset: "warehouse://sales", name: "has rows", blocking: true, workflow: "retail", task: "load" }],
  });
});
