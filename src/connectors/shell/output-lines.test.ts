import { expect, test } from "vitest";
import { OutputLines } from "./output-lines.ts";

function linesOf(chunks: readonly (string | Uint8Array)[], limit = 100): string[] {
  const lines: string[] = [];
  const output = new OutputLines(limit, (line) => lines.push(line));
  for (const chunk of chunks) output.push(Buffer.from(chunk as string));
  output.end();
  return lines;
}

test.each([
  ["lines over several chunks", ["a", "b\nc", "\n\nd"], ["ab", "c", "", "d"]],
  ["Windows line ends, also cut in two", ["a\r", "\nb\r\n", "c\r\r\n"], ["a", "b", "c"]],
  ["a progress bar", ["10%\r", "50%\r\r", "99%\r100%\ndone"], ["100%", "done"]],
  ["colours", ["\u001b[31mred\u001b[0m\n"], ["red"]],
  ["other control characters", ["a\u0007b\0c\td\u009b\n"], ["a\\x07b\\x00c\td\\x9b"]],
])("%s", (_, chunks, expected) => {
  expect(linesOf(chunks)).toEqual(expected);
});

test("a character that is cut in two is whole, one that is none is marked", () => {
  const bytes = Buffer.from("é€\n");
  expect(linesOf([bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4)])).toEqual(["é€"]);
  expect(linesOf([new Uint8Array([0x61, 0xff, 0x0a])])).toEqual(["a\ufffd"]);
  expect(linesOf([new Uint8Array([0x61, 0xe2, 0x82])])).toEqual(["a\ufffd"]);
});

test("a line longer than the limit keeps its beginning, says how much is gone, and costs no memory", () => {
  const megabyte = "x".repeat(1_000_000);
  expect(linesOf([megabyte, megabyte, "\nnext\n"], 10)).toEqual([
    `${"x".repeat(10)} … [1999990 more characters cut]`,
    "next",
  ]);
});
