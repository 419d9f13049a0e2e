import { expect, test } from "vitest";
import { type Choice, chosenOf, NOTHING, pressed, pressedAll } from "./choice.ts";

const ROWS = ["a", "b", "c", "d", "e"];
const of = (choice: Choice, rows = ROWS): string => [...chosenOf(choice, rows)].join("");

test("a press chooses a row, and a second one leaves it", () => {
  const one = pressed(NOTHING, "b", ROWS);
  expect(of(one)).toBe("b");
  expect(of(pressed(one, "b", ROWS))).toBe("");
});

test("with Shift, what is between becomes what the pressed row becomes, in both directions", () => {
  const range = pressed(pressed(NOTHING, "d", ROWS), "b", ROWS, true);
  expect(of(range)).toBe("bcd");
  expect(of(pressed(pressed(range, "c", ROWS), "d", ROWS, true))).toBe("b");
  expect(of(pressed(NOTHING, "c", ROWS, true))).toBe("c");
});

test("all that are on the screen, or none of them", () => {
  const some = pressed(NOTHING, "b", ROWS);
  expect(of(pressedAll(some, ROWS))).toBe("abcde");
  expect(of(pressedAll(pressedAll(some, ROWS), ROWS))).toBe("");
  expect(of(pressedAll(NOTHING, []), [])).toBe("");
});

test("what has left the list is chosen no longer, and what comes in is not chosen by itself", () => {
  const both = pressed(pressed(NOTHING, "b", ROWS), "e", ROWS);
  expect(of(both, ["b", "c"])).toBe("b");
  expect(of(pressed(both, "c", ["b", "c"]))).toBe("bc");
  expect(of(pressedAll(NOTHING, ["a", "b"]))).toBe("ab");
});

test("all of a filter are also those that come in; the first press means single rows again", () => {
  const all: Choice = { ...pressedAll(NOTHING, ROWS), all: true };
  expect(of(all, [...ROWS, "f"])).toBe("abcdef");
  expect(of(pressed(all, "c", ROWS))).toBe("abde");
});
