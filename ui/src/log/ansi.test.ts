import { expect, test } from "vitest";
import { styledParts } from "./ansi.ts";
import { SHOWN_CHARS, shownLine } from "./shown-line.ts";

const ESC = "\u001b";

test("colours and weights of a terminal are looks; what else steers one is left out", () => {
  expect(styledParts(`${ESC}[1;31mfailed${ESC}[0m twice${ESC}[2K${ESC}]0;title\u0007`)).toEqual([
    { text: "failed", look: "bold c1" },
    { text: " twice", look: "" },
  ]);
});

test("what has no shape is shown by a picture of it, and nothing turns the direction of the text", () => {
  expect(styledParts("a\u0000b\u0007\u007f\u202e").map(({ text }) => text)).toEqual(["a␀b␇␡\\u202e"]);
});

test("HTML is text: parts are never markup", () => {
  expect(styledParts("<script>alert(1)</script>")).toEqual([{ text: "<script>alert(1)</script>", look: "" }]);
});

test("a line of a megabyte is cut until it is asked for, and then it is whole", () => {
  const line = { message: "x".repeat(1_000_000), fields: {} };
  expect(shownLine(line, false)).toMatchObject({ cut: 1_000_000 - SHOWN_CHARS });
  expect(shownLine(line, true)).toMatchObject({ cut: 0 });
});
