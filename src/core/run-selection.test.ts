import { expect, test } from "vitest";
import { readSelection, selectionText } from "./run-selection.ts";

const NOW = Date.UTC(2026, 0, 31, 12) * 1000;
const read = (text: string) => readSelection(text, NOW);

test("words with their values choose runs, and what is not said chooses nothing", () => {
  expect(read("")).toEqual({});
  expect(read("state:failed workflow:sales tag:finance since:2d")).toEqual({
    state: ["failed"],
    workflow: ["sales"],
    tag: ["finance"],
    from: "2026-01-29T12:00:00.000Z",
  });
  expect(read("  since:2026-01-30   until:2026-01-30T06:00:00+02:00 ")).toEqual({
    from: "2026-01-30T00:00:00.000Z",
    to: "2026-01-30T04:00:00.000Z",
  });
});

test("several values are said with commas or by saying the word again, and in quotes whatever they are", () => {
  expect(read(`state:failed,cancelled state:queued`)).toEqual({ state: ["failed", "cancelled", "queued"] });
  expect(read(`workflow:"my sales, all" workflow:ops workflow:"a \\"b\\""`)).toEqual({
    workflow: ["my sales, all", "ops", `a "b"`],
  });
});

test("a partition is chosen by its key, in quotes where that has a comma", () => {
  expect(read(`partition:2025-01-02|emea,2025-01-03|apac partition:"a, b"`)).toEqual({
    partition: ["2025-01-02|emea", "2025-01-03|apac", "a, b"],
  });
});

test("what is written is read again", () => {
  const selection = {
    workflow: ["sales", `my "own"`],
    state: ["failed" as const],
    tag: ["a b"],
    partition: ["a, \\b|c"],
    from: "2026-01-29T12:00:00.000Z",
    to: "2026-01-30T12:00:00.000Z",
  };
  expect(read(selectionText(selection))).toEqual(selection);
  expect(selectionText({})).toBe("");
});

test.each([
  ["failed", "word:value"],
  ["state:winning", "no state"],
  ["colour:red", "no word"],
  ["constructor:x", "no word"],
  ["since:soon", "no moment"],
  ["since:2026-13-45", "no moment"],
  ["since:1d,2d", "one moment"],
  [`workflow:"open`, "word:value"],
  [`workflow:"a"b`, "word:value"],
  ["state:", "word:value"],
  ["x".repeat(2001), "characters"],
])("%s is refused, and says why", (text, why) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: "BAD_SELECTION", message: expect.stringContaining(why) }),
  );
});
