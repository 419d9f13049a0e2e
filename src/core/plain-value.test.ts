import fc from "fast-check";
import { expect, test } from "vitest";
import { anyValue } from "../../test/support/any-value.ts";
import { artifactRefData } from "./artifact-ref.ts";
import { plainValue } from "./plain-value.ts";

test("values become what JSON can say", () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular["self"] = circular;
  const values = [
    new Date(0),
    new Date(NaN),
    new Map([["a", new Set([1])]]),
    new Map([[1, 2]]),
    10n,
    NaN,
    undefined,
    new Uint8Array([1, 2]),
    new URL("https://a.b/"),
    artifactRefData("artifact:r/1-1/x", 5),
    circular,
    { a: undefined, b: [undefined] },
  ];
  expect(values.map((value) => plainValue(value))).toEqual([
    "1970-01-01T00:00:00.000Z",
    null,
    { a: [1] },
    [[1, 2]],
    "10",
    null,
    null,
    [1, 2],
    "https://a.b/",
    { artifact: "artifact:r/1-1/x", size: 5 },
    { a: 1, self: "[circular]" },
    { b: [null] },
  ]);
});

test("whatever a task may return can be printed as JSON, and loses nothing more by it", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const plain = plainValue(value);
      expect(JSON.parse(JSON.stringify(plain))).toEqual(JSON.parse(JSON.stringify(plainValue(plain))));
    }),
  );
});
