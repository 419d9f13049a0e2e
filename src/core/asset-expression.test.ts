import fc from "fast-check";
import { expect, test } from "vitest";
import { type AssetExpression, assetsOf, expressionText, isSatisfied } from "./asset-expression.ts";

const NAMES = ["a", "b", "c", "d"] as const;
const { expression } = fc.letrec<{ expression: AssetExpression }>((tie) => {
  const part = tie("expression");
  const parts = fc.array(part, { minLength: 2, maxLength: 3 });
  return {
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(...NAMES).map((asset) => ({ asset })),
      parts.map((all) => ({ all })),
      parts.map((any) => ({ any })),
    ),
  };
});

test("an expression reads as it was written", () => {
  const either: AssetExpression = { any: [{ asset: "b" }, { asset: "c" }] };
  expect(expressionText({ all: [{ asset: "a" }, either] })).toBe("a and (b or c)");
  expect(assetsOf({ all: [either, { asset: "a" }, { asset: "b" }] })).toEqual(["a", "b", "c"]);
});

test("more updates never make it wait again, none satisfy it, and all of its assets do", () => {
  fc.assert(
    fc.property(expression, fc.subarray([...NAMES]), fc.constantFrom(...NAMES), (wanted, updated, more) => {
      const before = isSatisfied(wanted, new Set(updated));
      expect(isSatisfied(wanted, new Set([...updated, more])) || !before).toBe(true);
      expect(isSatisfied(wanted, new Set())).toBe(false);
      expect(isSatisfied(wanted, new Set(assetsOf(wanted)))).toBe(true);
    }),
  );
});
