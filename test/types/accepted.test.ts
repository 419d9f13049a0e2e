import { expect, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import type { Source, TaskManifest } from "../../src/core/manifest.ts";
import { decodeValue } from "../../src/core/value-codec.ts";
import retail, { bare, scheduled } from "./accepted.ts";

const { manifest, bodies, picks } = build(retail);
const named = (name: string): TaskManifest => manifest.tasks.find((task) => task.name === name) as TaskManifest;
const ordinal = (name: string): number => manifest.tasks.findIndex((task) => task.name === name);
const output = (name: string, ...path: string[]): Source => ({ kind: "output", task: ordinal(name), path });
const literal = (source: Source | null | undefined): unknown =>
  source?.kind === "literal" ? decodeValue(source.value) : undefined;
const fields = (source: Source | null | undefined): Readonly<Record<string, Source>> =>
  source?.kind === "object" ? source.fields : {};

test("the accepted workflow is data that survives JSON", () => {
  expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  expect(bodies).toHaveLength(manifest.tasks.length);
  expect(picks).toHaveLength(manifest.picks);
});

test("a repeated task is numbered in the order of its placing, a named one is not", () => {
  const names = manifest.tasks.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("load"))).toEqual(["load"]);
  expect(names.filter((name) => name.startsWith("cell"))).toEqual(["cell", "cell_2", "cell_3", "cell_4"]);
  expect(names).toContain("bulk");
  expect(names.at(-2)).toBe("last");
  expect(new Set(names).size).toBe(names.length);
});

test("params come with the schema of what a user passes", () => {
  expect(manifest.params?.schema).toMatchObject({
    type: "object",
    required: ["min"],
    properties: { region: { type: "string", default: "emea" } },
  });
  expect(fields(named("extract").input)).toEqual({ region: { kind: "param", path: ["region"] } });
});

test("refs become sources, constants one literal each", () => {
  expect(fields(named("clean").input)).toEqual({
    sales: output("extract", "sales"),
    min: { kind: "param", path: ["min"] },
  });
  expect(fields(named("sum").input)).toEqual({ values: output("score") });
  expect(fields(named("sum_2").input)["values"]).toMatchObject({
    kind: "list",
    items: [{ kind: "literal" }, output("load"), output("extract", "meta", "pages")],
  });
  const config = fields(fields(named("deep").input)["config"]);
  expect(config["from"]).toEqual(output("extract", "at"));
  expect(literal(config["n"])).toBe(3);
  expect(literal(fields(fields(named("deep_2").input)["config"])["from"])).toEqual(new Date(0));
  expect(named("optional").input).toBeNull();
});

test("maps keep their lists, in order, and what is shared", () => {
  expect(named("score")).toMatchObject({
    map: { kind: "product", lists: [{ key: "sale", list: output("extract", "sales") }] },
  });
  expect(literal(named("score").input)).toEqual({ mode: "x" });
  expect(named("score_by").input).toBeNull();
  expect(named("cell").map?.lists.map(({ key, list }) => [key, literal(list)])).toEqual([
    ["region", ["emea", "apac"]],
    ["year", [2024, 2025]],
  ]);
  expect(named("cell_2").map?.kind).toBe("zip");
  expect(named("cell_4").map?.lists[0]?.list).toMatchObject({
    kind: "list",
    items: [{ kind: "param", path: ["region"] }, { kind: "literal" }],
  });
});

test("maybe, firstOf, settled and pick are in the manifest as such", () => {
  expect(fields(named("triage").input)).toEqual({ all: { kind: "settled", task: ordinal("score") } });
  expect(fields(named("report").input)).toEqual({ count: { kind: "maybe", of: output("load") } });
  expect(fields(named("sum_3").input)["values"]).toEqual({
    kind: "list",
    items: [{ kind: "pick", of: output("extract", "best"), fn: 0 }],
  });
  expect(picks[0]?.({ discount: { percent: 5 } })).toBe(5);
  expect(fields(named("report_3").input)).toEqual({
    count: { kind: "firstOf", of: [output("bulk"), output("trickle")] },
  });
});

test("a branch has its arms by key, and each arm waits for it", () => {
  expect(named("size")).toMatchObject({
    kind: "branch",
    arms: { bulk: [ordinal("bulk")], trickle: [ordinal("trickle")] },
  });
  expect(named("bulk").after).toEqual([ordinal("size")]);
  expect(named("gate")).toMatchObject({ rule: "none_failed", arms: { go: [ordinal("hello")], stop: [] } });
});

test("groups have their parents, lists and retries; tasks know their innermost group", () => {
  expect(
    manifest.groups.map(({ name, parent, each, retries }) => [name, parent, each, retries?.limit ?? null]),
  ).toEqual([
    ["stage", null, null, 2],
    ["retried", null, output("extract", "sales"), 1],
    ["per_sale", null, output("extract", "sales"), null],
  ]);
  const inGroup = (group: number) => manifest.tasks.filter((task) => task.group === group).map(({ name }) => name);
  expect(inGroup(2)).toEqual(["score_3", "report_5", "extract_2"]);
  expect(fields(named("score_3").input)).toEqual({
    sale: { kind: "element", group: 2, path: [] },
    mode: { kind: "element", group: 2, path: ["sku"] },
  });
  expect(fields(named("report_5").input)).toEqual({ count: output("score_3") });
  expect(fields(named("anything_2").input)).toEqual({ days: output("extract_2", "day") });
  expect(fields(named("triage_2").input)).toEqual({ all: { kind: "settled", task: ordinal("report_5") } });
});

test("a group placed in after stands for all its tasks", () => {
  const upstream = ["sum_4", "optional_3", "score_3", "report_5", "extract_2", "either_3", "load", "score"].map(
    ordinal,
  );
  expect(named("last").after).toEqual(upstream.sort((a, b) => a - b));
  expect(named("last").rule).toBe("all_done");
});

test("chain orders step by step", () => {
  const end = manifest.tasks.at(-1);
  expect(named("clean").after).toEqual([ordinal("extract")]);
  expect(end?.after).toEqual([ordinal("clean"), ordinal("score")]);
  expect(end).toMatchObject({
    timeoutMs: 300_000,
    isolation: "process",
    onWorkerLost: "fail",
    allowFailure: true,
    dependsOnPast: true,
    mapLimit: 10,
    queue: "gpu",
    connections: ["orders"],
  });
});

test("what limits the runs of windows is in the manifest", () => {
  expect(manifest).toMatchObject({ catchup: true, maxActiveRuns: 2, overlap: "cancel_running" });
});

test("retry rules keep their functions beside the manifest", () => {
  expect(named("extract").retries).toEqual({
    limit: 3,
    backoff: "exponential",
    delayMs: 10_000,
    maxDelayMs: 600_000,
    jitter: "full",
    on: [
      { error: null, limit: 0, delayMs: null },
      { error: "BUSY", limit: null, delayMs: 300_000 },
      { error: null, limit: null, delayMs: null },
    ],
  });
  expect(bodies[0]?.retryOn[0]).toBe(TypeError);
});

test("a workflow without options is a workflow", () => {
  expect(build(bare).manifest).toMatchObject({
    name: "bare",
    kind: "dag",
    schedules: [],
    start: null,
    end: null,
    params: null,
    picks: 0,
  });
});

test("schedules are named by place unless they are given a name", () => {
  expect(build(scheduled).manifest).toMatchObject({
    schedules: [
      { name: "schedule", kind: "daily", at: "06:00", timezone: "Europe/London" },
      { name: "trading", kind: "cron", expressions: ["*/15 9-17 * * MON-FRI"], timezone: "UTC" },
      { name: "schedule_3", kind: "every", everyMs: 5_400_000, anchor: "1970-01-01T00:00:00.000Z" },
    ],
    start: "1970-01-01T00:00:00.000Z",
    end: "2030-01-01",
  });
});
