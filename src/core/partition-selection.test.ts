import { describe, expect, test } from "vitest";
import type { OneDimension, PartitionsManifest, TimePartitionsManifest } from "./partition.ts";
import { checkPartitions } from "./partition.ts";
import { selectPartitions } from "./partition-selection.ts";
import { selectedPartitions } from "./selected-partitions.ts";

const NOW = Date.parse("2025-01-05T12:00Z");
const REGIONS: OneDimension = { kind: "static", keys: ["emea", "apac", "latam", "a,b"] };
const DAYS: TimePartitionsManifest = {
  kind: "time",
  expression: "0 0 * * *",
  timezone: "Europe/London",
  start: "2025-01-01",
  end: null,
  format: "%Y-%m-%d",
  endOffset: 0,
};
const SALES: PartitionsManifest = {
  kind: "multi",
  dimensions: {
    region: { kind: "static", keys: ["emea", "apac"] },
    day: DAYS,
    attic: { kind: "static", keys: ["x", "y"] },
  },
};
const PAIRS: PartitionsManifest = { kind: "multi", dimensions: { region: REGIONS, day: DAYS } };

const keys = (of: PartitionsManifest, text: string, order: "oldest" | "newest" = "oldest"): string[] =>
  Array.from(selectedPartitions(selectPartitions(of, text, NOW), order), ({ key }) => key);

describe("of a list", () => {
  test.each([
    ["emea", ["emea"]],
    ["latam, emea", ["latam", "emea"]],
    ["apac..latam", ["apac", "latam"]],
    ["*", ["emea", "apac", "latam", "a,b"]],
    ["a,b", ["a,b"]],
    ["apac,emea..latam,apac", ["apac", "emea", "latam"]],
  ])("%j is %j, each once", (text, found) => {
    expect(keys(REGIONS, text)).toEqual(found);
    expect(keys(REGIONS, text, "newest")).toEqual(found.toReversed());
  });
});

test("of time: keys, and all that have ended", () => {
  expect(keys(DAYS, "*")).toEqual(["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]);
  expect(keys(DAYS, "2025-01-03..2025-01-06,2025-01-01", "newest")).toEqual([
    "2025-01-01",
    "2025-01-06",
    "2025-01-05",
    "2025-01-04",
    "2025-01-03",
  ]);
});

describe("of several dimensions", () => {
  test("each has its part, by its place or by its name, and what is oldest comes first", () => {
    expect(keys(SALES, "x|2025-01-02|apac")).toEqual(["x|2025-01-02|apac"]);
    expect(keys(SALES, "day=2025-01-01..2025-01-02|region=*|attic=y")).toEqual([
      "y|2025-01-01|emea",
      "y|2025-01-01|apac",
      "y|2025-01-02|emea",
      "y|2025-01-02|apac",
    ]);
    expect(keys(SALES, "region=emea|attic=x", "newest")).toEqual(
      ["04", "03", "02", "01"].map((day) => `x|2025-01-${day}|emea`),
    );
  });

  test("a partition has the window of its part in time", () => {
    const [found] = selectedPartitions(selectPartitions(PAIRS, "2025-03-30|emea", NOW), "oldest");
    const span = { start: Date.parse("2025-03-30T00:00Z"), end: Date.parse("2025-03-30T23:00Z") };
    expect(found).toEqual({ key: "2025-03-30|emea", span, timezone: "Europe/London" });
    expect([...selectedPartitions(selectPartitions(REGIONS, "emea", NOW), "oldest")]).toEqual([
      { key: "emea", span: null, timezone: "UTC" },
    ]);
  });

  test("what two parts of the question have in common is there once, in either order", () => {
    const text = "2025-01-01..2025-01-03|emea, 2025-01-02|*";
    const found = keys(PAIRS, text);
    const days = ["2025-01-01|emea", "2025-01-02|emea", "2025-01-03|emea"];
    expect(found).toEqual([...days, "2025-01-02|apac", "2025-01-02|latam", "2025-01-02|a,b"]);
    expect(keys(PAIRS, text, "newest")).toEqual(found.toReversed());
  });
});

test.each<[PartitionsManifest, string, string]>([
  [REGIONS, "", "PARTITION_UNKNOWN"],
  [REGIONS, "mars", "PARTITION_UNKNOWN"],
  [REGIONS, "emea,,apac", "PARTITION_UNKNOWN"],
  [REGIONS, "latam..apac", "PARTITION_OUT_OF_RANGE"],
  [REGIONS, "emea..mars", "PARTITION_UNKNOWN"],
  [DAYS, "2024-12-31", "PARTITION_UNKNOWN"],
  [DAYS, "yesterday", "PARTITION_UNKNOWN"],
  [{ ...DAYS, start: "2026-01-01" }, "*", "PARTITION_UNKNOWN"],
  [PAIRS, "emea", "PARTITION_UNKNOWN"],
  [PAIRS, "emea|2025-01-02", "PARTITION_UNKNOWN"],
  [PAIRS, "region=emea|region=apac", "PARTITION_UNKNOWN"],
  [PAIRS, "region=emea|year=2025", "PARTITION_UNKNOWN"],
])("of %o, %j is refused with %s", (of, text, code) => {
  expect(() => keys(of, text)).toThrow(expect.objectContaining({ code }));
});

test("a refusal names the keys there are, and the dimensions", () => {
  expect(() => keys(REGIONS, "mars")).toThrow(
    'There is no partition "mars". There are: "emea", "apac", "latam", "a,b".',
  );
  expect(() => keys(PAIRS, "2025-01-02|mars")).toThrow('There is no partition "mars" of "region".');
  expect(() => keys(PAIRS, "mars")).toThrow("Its key has 2 parts: day|region; or say day=…|region=….");
});

test.each<[string, PartitionsManifest]>([
  ["a dimension whose name can't be typed", { kind: "multi", dimensions: { "a=b": REGIONS, day: DAYS } }],
  [
    "a format with what separates the dimensions",
    { kind: "multi", dimensions: { day: { ...DAYS, format: "%Y|%m|%d" }, region: REGIONS } },
  ],
  ["a key that no store holds", { kind: "static", keys: ["a\0"] }],
])("%s is refused", (_, of) => {
  expect(() => checkPartitions(of)).toThrow(expect.objectContaining({ code: "BAD_PARTITIONS" }));
});
