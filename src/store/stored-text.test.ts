import fc from "fast-check";
import { expect, test } from "vitest";
import { fromStoredText, toStoredText } from "./stored-text.ts";

test("property: every text comes back, two never become one, and none holds U+0000", () => {
  const texts = fc.array(fc.constantFrom("\0", "\\", "0", "a", "ä")).map((chars) => chars.join(""));
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(fromStoredText(toStoredText(a))).toBe(a);
      expect(toStoredText(a) === toStoredText(b)).toBe(a === b);
      expect(toStoredText(a)).not.toContain("\0");
    }),
  );
});
