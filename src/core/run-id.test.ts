import fc from "fast-check";
import { expect, it } from "vitest";
import { instantOfRunId, isRunIdPrefix, runIdFrom } from "./run-id.ts";

const instant = fc.integer({ min: 0, max: 4_102_444_800_000_000 });
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

it("an id is 26 characters that say when it was made", () => {
  fc.assert(
    fc.property(instant, random, (at, bytes) => {
      const id = runIdFrom(at, bytes);
      expect(id).toMatch(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/);
      expect(instantOfRunId(id)).toBe(at);
    }),
  );
});

it("ids sort by the microsecond they were made at", () => {
  fc.assert(
    fc.property(
      instant,
      fc.integer({ min: 1, max: 3 }),
      random,
      random,
      (at, later, a, b) => void expect(runIdFrom(at, a) < runIdFrom(at + later, b)).toBe(true),
    ),
  );
});

it("an id is a UUIDv7: version, variant and time are where RFC 9562 puts them", () => {
  const bits = Array.from(runIdFrom(0x017f22e279b0 * 1000, new Uint8Array(10).fill(0xff))).reduce(
    (sum, char) => (sum << 5n) | BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(char)),
    0n,
  );
  expect(bits.toString(16).padStart(32, "0")).toBe("017f22e279b07000bfffffffffffffff");
});

it("any beginning of an id may stand for it", () => {
  const id = runIdFrom(1_754_987_696_000_000, new Uint8Array(10));
  for (const text of [id, id.slice(0, 1), id.slice(0, 8)]) expect(isRunIdPrefix(text)).toBe(true);
  for (const text of ["", `${id}0`, "8", "0l", "0U", "0-", "retail"]) expect(isRunIdPrefix(text)).toBe(false);
});
