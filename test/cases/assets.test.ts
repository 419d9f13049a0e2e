import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Asset, asset, assetExpression } from "../../src/authoring/asset.ts";
import { isSatisfied } from "../../src/core/asset-expression.ts";
import { occurredNow } from "../../src/engine/events/occurrence.ts";
import { Publisher } from "../../src/engine/events/publisher.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { sampleRunId, T0 } from "../../src/testing/store-samples.ts";
import { hearingVersion } from "../../src/testing/store-suite/event-facts.ts";
import { type Check, checkCases, UNKNOWN } from "../support/case-list.ts";
import { type SharedCase, sharedCases } from "../support/shared-cases.ts";

const file = sharedCases("params-assets.json");

/** All of these, or any of them. */
function wanted(condition: "all" | "any", names: readonly string[]) {
  const join = (left: Asset, right: Asset) => (condition === "all" ? left.and(right) : left.or(right));
  return assetExpression(names.map((name) => asset(name)).reduce(join), "the case");
}

function checkCondition({ condition, inputs, expect: expected }: SharedCase): void {
  const names = (inputs as boolean[]).map((_, place) => `a${place}`);
  const updated = new Set(names.filter((_, place) => inputs[place] as boolean));
  expect(isSatisfied(wanted(condition, names), updated)).toBe(expected);
}

const checkLeaf = ({ status, expect: expected }: SharedCase): void =>
  expect(isSatisfied(wanted("all", ["a"]), new Set(status === true ? ["a"] : []))).toBe(expected);

/** Update by update through a real store. */
async function checkTimeline({ events, schedule, expect_runs_at: expected }: SharedCase): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tutti-assets-"));
  const store = await openSqliteStore({ path: join(folder, "tutti.db") });
  try {
    const assets = wanted("all", (schedule as string).split(" AND "));
    await store.registerVersion(hearingVersion("consumer", [{ name: "assets", kind: "asset", assets }]));
    const asker = {
      parse: async () => ({ params: null, lists: null }),
      ask: () => Promise.reject(new Error("there is nothing to ask")),
    };
    let runs = 0;
    const publisher = new Publisher({
      store,
      now: () => T0,
      asker,
      newId: () => sampleRunId(++runs),
      scheduler: () => undefined,
    });
    const started: number[] = [];
    for (const [time, name] of events as [number, string][]) {
      const given = { kind: "asset", name, payload: null, key: null, partition: null } as const;
      const prepared = await publisher.prepare([occurredNow(`at ${time}`, given, T0 + time * 1_000_000)]);
      const { starts } = await store.events.record(prepared.batch);
      if (publisher.recorded(prepared, starts).started.length > 0) started.push(time);
    }
    expect(started).toEqual(expected);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const checks: Readonly<Record<string, (each: SharedCase) => Check>> = {
  asset_condition: (each) => () => checkCondition(each),
  asset_condition_leaf: (each) => () => checkLeaf(each),
  asset_queue_semantics: (each) => () => checkTimeline(each["timeline"] as SharedCase),
  param_validation: () => "params are checked by a schema of the workflow's own, not by JSON Schema",
  param_rules: () => "params are checked by a schema of the workflow's own, not by JSON Schema",
};

checkCases(
  "asset",
  Object.entries(file)
    .filter(([kind]) => kind !== "source")
    .flatMap(([kind, cases]) =>
      [cases].flat().map((each, place) => [`${kind} ${place + 1}`, checks[kind]?.(each) ?? UNKNOWN] as const),
    ),
);
