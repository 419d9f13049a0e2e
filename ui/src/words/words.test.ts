import { expect, test } from "vitest";
import { sizeText, spelled } from "./count-text.ts";
import { differenceText, durationText } from "./duration-text.ts";
import { ownFrames } from "./own-frames.ts";
import { fullProgressText, progressText } from "./progress-text.ts";
import { runFor } from "./run-for.ts";
import { eventText, saidText } from "./said-text.ts";
import { usualOf } from "./usual.ts";
import { shortText } from "./value-text.ts";

test("a run is for its partition, and else for its date", () => {
  const date = "2026-01-31";
  expect([{ date }, { date, partition: null }, { date, partition: "emea" }].map(runFor)).toEqual([date, date, "emea"]);
});

test("lengths of time are short and keep their figures", () => {
  expect([0, 850, 3_200, 48_000, 64_000, 120_000, 5_160_000, 7_200_000, 183_600_000].map(durationText)).toEqual([
    "0 ms",
    "850 ms",
    "3.2 s",
    "48 s",
    "1 min 04 s",
    "2 min",
    "1 h 26 min",
    "2 h",
    "2 d 3 h",
  ]);
  expect([3_000, -80_000, 0].map(differenceText)).toEqual(["+3.0 s", "−1 min 20 s", "same"]);
});

test("sizes and small numbers are words", () => {
  expect([0, 999, 41_800, 1_234_567].map(sizeText)).toEqual(["0 B", "999 B", "42 kB", "1.2 MB"]);
  expect([0, 3, 12].map(spelled)).toEqual(["No", "Three", "12"]);
});

test("what is usual needs a few to be told", () => {
  expect(usualOf([1, 2, 3])).toBeNull();
  expect(usualOf(Array.from({ length: 100 }, (_, at) => at + 1))).toEqual({ median: 50, most: 95 });
});

test("of a stack the lines of somebody's own code are shown, of an artifact its name and size", () => {
  const stack = `Error: broken
    at Object.fn (/srv/shop/pipelines/nightly.ts:39:23)
    at async outcomeOf (file:///srv/shop/node_modules/tutti/dist/chunk-VDZRLI2O.js:3234:38)
    at AsyncLocalStorage.run (node:internal/async_local_storage:63:14)`;
  expect(ownFrames(stack)).toEqual(["    at Object.fn (/srv/shop/pipelines/nightly.ts:39:23)"]);
  expect(ownFrames(undefined)).toEqual([]);
  expect(shortText({ artifact: "artifact:01m8/142-1/orders.jsonl", size: 2_243 })).toBe("orders.jsonl, 2.2 kB");
});

test("what was said beside something is words, and what a check found", () => {
  expect(saidText({ rows: 1_300, by: "load", note: null })).toBe("rows 1,300, by load");
  expect([null, "text", [1, 2]].map(saidText)).toEqual(["", "text", "[1,2]"]);
  const found = { status: "fail", message: "104 rows", metadata: null, blocking: false, tookMs: 1 };
  expect(eventText({ kind: "check", payload: found, key: "not too many" })).toBe("not too many: fail, 104 rows");
  expect(eventText({ kind: "event", payload: { day: "2026-11-22" }, key: "eu" })).toBe("day 2026-11-22, for eu");
});

test("progress is a share of what there is, where a task says how much that is", () => {
  const said = [
    { done: 1_240, total: 5_000, note: "orders" },
    { done: 7, total: 0, note: null },
    { done: 12, total: 10, note: "" },
  ];
  expect(said.map(progressText)).toEqual(["24 %", "7", "100 %"]);
  expect(said.map(fullProgressText)).toEqual(["1,240 of 5,000, orders", "7", "12 of 10"]);
});
