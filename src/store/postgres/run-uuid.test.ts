import fc from "fast-check";
import { expect, test } from "vitest";
import { runIdFrom } from "../../core/run-id.ts";
import { fromUuid, toUuid, uuidsWithPrefix } from "./run-uuid.ts";

const ids = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 51 }), fc.uint8Array({ minLength: 10, maxLength: 10 }))
  .map(([instant, random]) => runIdFrom(instant, random));

test("property: an id and its UUID stand for each other, and sort alike", () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      expect(fromUuid(toUuid(a)!)).toBe(a);
      expect(toUuid(a)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(toUuid(a)! < toUuid(b)!).toBe(a < b);
    }),
  );
});

test("property: every prefix of an id has the id in its range", () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 26 }), (id, length) => {
      const { from, to } = uuidsWithPrefix(id.slice(0, length))!;
      expect(from <= toUuid(id)! && toUuid(id)! <= to).toBe(true);
    }),
  );
});

test("what is no id stands for nothing", () => {
  for (const text of ["", "nothing", "8".repeat(26), "0".repeat(25), "u".repeat(26), "A".repeat(26)])
    expect([text, toUuid(text)]).toEqual([text, null]);
  expect(uuidsWithPrefix("")).toBeNull();
});
