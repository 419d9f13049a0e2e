import { expect, test } from "vitest";
import { type FileFacts, markedFiles, needsRefresh, unknownFiles } from "./file-marks.ts";

const DAY_MS = 86_400_000;
const files = (given: Record<string, [number, number]>): Map<string, FileFacts> =>
  new Map(Object.entries(given).map(([path, [modifiedMs, size]]) => [path, { modifiedMs, size }]));

test("a file is new until it is taken, and again when it changes", () => {
  const first = files({ a: [1, 10], b: [1, 10] });
  const marks = markedFiles({}, first, new Set(["a"]), 0);
  expect(unknownFiles(marks, first)).toEqual(["b"]);
  expect(unknownFiles(marks, files({ a: [2, 10] }))).toEqual(["a"]);
  expect(unknownFiles(marks, files({ a: [1, 11] }))).toEqual(["a"]);
});

test("a file that is gone for less than a week is still known when it is back", () => {
  const there = files({ a: [1, 10] });
  let marks = markedFiles({}, there, new Set(["a"]), 0);
  marks = markedFiles(marks, files({}), new Set(), 6 * DAY_MS);
  expect(unknownFiles(marks, there)).toEqual([]);
  marks = markedFiles(marks, files({}), new Set(), 8 * DAY_MS);
  expect(unknownFiles(marks, there)).toEqual(["a"]);
});

test("what stays is not forgotten", () => {
  const there = files({ a: [1, 10] });
  const marks = markedFiles({}, there, new Set(["a"]), 0);
  expect(needsRefresh(marks, DAY_MS)).toBe(false);
  expect(needsRefresh(marks, 2 * DAY_MS)).toBe(true);
  expect(unknownFiles(markedFiles(marks, there, new Set(), 6 * DAY_MS), there)).toEqual([]);
});
