import { expect, test } from "vitest";
import { findTriggerLoop, type LoopManifest } from "./trigger-loop.ts";
import type { AssetExpression } from "./asset-expression.ts";
import type { TriggerManifest } from "./trigger.ts";

const runs = (workflow: string): TriggerManifest => ({ name: workflow, kind: "run", workflow, end: "ended" });
const waits = (assets: AssetExpression): TriggerManifest => ({ name: "assets", kind: "asset", assets });
const flow = (name: string, triggers: readonly TriggerManifest[], ...produces: string[]): LoopManifest => ({
  name,
  triggers,
  tasks: [{ produces }],
});

test("workflows that follow each other's runs are a loop, in the order in which they start", () => {
  const chain = [flow("a", [runs("c")]), flow("b", [runs("a")]), flow("c", [runs("b")]), flow("d", [runs("c")])];
  expect(findTriggerLoop(chain)).toEqual(["a", "b", "c", "a"]);
  expect(findTriggerLoop([flow("a", [runs("a")])])).toEqual(["a", "a"]);
});

test("a chain is none, nor is what follows a workflow that is not there", () => {
  expect(findTriggerLoop([flow("a", [], "x"), flow("b", [runs("a"), waits({ asset: "x" })])])).toBeNull();
  expect(findTriggerLoop([flow("a", [runs("gone")])])).toBeNull();
});

test("assets make a loop only where nobody outside is needed", () => {
  const a = flow("a", [waits({ asset: "y" })], "x");
  expect(findTriggerLoop([a, flow("b", [waits({ asset: "x" })], "y")])).toEqual(["a", "b", "a"]);
  const both: AssetExpression = { all: [{ asset: "x" }, { asset: "outside" }] };
  expect(findTriggerLoop([a, flow("b", [waits(both)], "y")])).toBeNull();
  const either: AssetExpression = { any: [{ asset: "outside" }, { asset: "x" }] };
  expect(findTriggerLoop([a, flow("b", [waits(either)], "y")])).toEqual(["a", "b", "a"]);
});
