import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const KNOWN = ["retries", "timeout", "tags"];

test.each([
  ["retires", "retries"],
  ["Timeout", "timeout"],
  ["tag", "tags"],
  ["pool", null],
  ["", null],
])("%j is near %j", (name, expected) => expect(nearest(name, KNOWN)).toBe(expected));

test("nothing near says nothing", () => {
  expect(didYouMean("pool", KNOWN)).toBe("");
  expect(didYouMean("retrys", KNOWN)).toBe(' Did you mean "retries"?');
});
