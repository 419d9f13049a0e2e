import { expect, test } from "vitest";
import type { AssetGraph } from "../api/assets.ts";
import { lineageOf, madeFrom, schemeOf, shortName } from "./lineage.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-23T12:00:00Z");
const ago = (hours: number): string => new Date(NOW - hours * HOUR).toISOString();
const none = { pass: 0, warn: 0, fail: 0 };

const asset = (name: string, more: Partial<AssetGraph["assets"][number]> = {}): AssetGraph["assets"][number] => ({
  name,
  state: "updated",
  updatedAt: ago(1),
  lateAt: null,
  checks: none,
  owner: null,
  tags: [],
  ...more,
});
const edge = (from: string, to: string): AssetGraph["edges"][number] => ({
  from,
  to,
  workflow: "w",
  task: "t",
  started: false,
});

const graph: AssetGraph = {
  assets: [
    asset("shop://orders"),
    asset("lake://clean", { state: "fresh", lateAt: ago(-3) }),
    asset("warehouse://sales", {
      state: "late",
      updatedAt: ago(30),
      lateAt: ago(2),
      checks: { ...none, fail: 1, pass: 3 },
    }),
    asset("board", { state: "never", updatedAt: null }),
  ],
  edges: [
    edge("shop://orders", "lake://clean"),
    edge("lake://clean", "warehouse://sales"),
    edge("warehouse://sales", "board"),
    edge("board", "warehouse://sales"),
  ],
};

test("the line of an asset is its age over what its freshness allows", () => {
  const { tasks } = lineageOf(graph, NOW).shown;
  expect(tasks.map(({ age }) => age)).toEqual([null, { part: 0.25, tone: "fresh" }, { part: 1, tone: "late" }, null]);
  expect(tasks.map(({ figure }) => figure)).toEqual([
    "1 h old",
    "1 h old",
    "late by 2 h, 1 of 4 checks failed",
    "never made",
  ]);
});

test("two assets that are made from each other are drawn one way", () => {
  expect(lineageOf(graph, NOW).edges).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
});

test("what goes stale with an asset is all that is made from it, and never itself", () => {
  expect(madeFrom(graph, "lake://clean")).toEqual(["warehouse://sales", "board"]);
  expect(madeFrom(graph, "warehouse://sales")).toEqual(["board"]);
});

test("around one of them only so many steps are drawn", () => {
  const { shown } = lineageOf(graph, NOW, { name: "lake://clean", steps: 1 });
  expect(shown.tasks.map(({ name }) => name)).toEqual(["shop://orders", "lake://clean", "warehouse://sales"]);
});

test("a name that is no URL is its own short name", () => {
  expect([shortName("warehouse://sales/daily"), schemeOf("warehouse://sales/daily")]).toEqual([
    "sales/daily",
    "warehouse",
  ]);
  expect([shortName("board"), schemeOf("board"), shortName("a://"), schemeOf("a://")]).toEqual([
    "board",
    "",
    "a://",
    "",
  ]);
});
