import { expect, test } from "vitest";
import { isErrorClass, readRetries, type Retries } from "./retries.ts";

const policyOf = (given: number | Retries) => readRetries(given, 'Task "x"').policy;

test("a number is a limit, with the defaults", () => {
  expect(policyOf(3)).toEqual({
    limit: 3,
    backoff: "exponential",
    delayMs: 1000,
    maxDelayMs: 600_000,
    jitter: "full",
    on: [],
  });
});

test("no retries are no policy, unless a rule gives some", () => {
  expect(policyOf(0)).toBeNull();
  expect(policyOf({ limit: 0 })).toBeNull();
  expect(policyOf({ limit: 0, on: [{ error: "BUSY", limit: 5 }] })).toMatchObject({
    limit: 0,
    on: [{ error: "BUSY", limit: 5 }],
  });
});

test("a delay longer than the default maximum is not cut short by it", () => {
  expect(policyOf({ limit: 1, delay: "1h" })).toMatchObject({ delayMs: 3_600_000, maxDelayMs: 3_600_000 });
  expect(policyOf({ limit: 1, delay: "1h", maxDelay: "5m" })).toMatchObject({ maxDelayMs: 300_000 });
});

test("matchers stand beside the policy, by place", () => {
  const matches = () => true;
  const { policy, matchers } = readRetries(
    { limit: 1, on: [{ error: "A" }, { error: RangeError, delay: "2s" }, { error: matches }] },
    'Task "x"',
  );
  expect(policy?.on).toEqual([
    { error: "A", limit: null, delayMs: null },
    { error: null, limit: null, delayMs: 2000 },
    { error: null, limit: null, delayMs: null },
  ]);
  expect(matchers).toEqual(["A", RangeError, matches]);
});

test("a class of errors is told from a function", () => {
  expect([Error, RangeError, class Late extends Error {}].map(isErrorClass)).toEqual([true, true, true]);
  expect(isErrorClass(() => true)).toBe(false);
  expect(isErrorClass("Error")).toBe(false);
});

test.each([
  [-1, "BAD_OPTION"],
  [1.5, "BAD_OPTION"],
  ["3", "BAD_OPTION"],
  [{}, "BAD_OPTION"],
  [{ limit: 1, backoff: "quadratic" }, "BAD_OPTION"],
  [{ limit: 1, jitter: true }, "BAD_OPTION"],
  [{ limit: 1, delay: "soon" }, "BAD_DURATION"],
  [{ limit: 1, max: "1m" }, "UNKNOWN_OPTION"],
  [{ limit: 1, on: {} }, "BAD_OPTION"],
  [{ limit: 1, on: [{ limit: 1 }] }, "BAD_OPTION"],
  [{ limit: 1, on: [{ error: "" }] }, "BAD_OPTION"],
  [{ limit: 1, on: [{ error: "A", backoff: "fixed" }] }, "UNKNOWN_OPTION"],
])("%j is refused with %s", (given, code) => {
  expect(() => policyOf(given as never)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('Task "x"') }),
  );
});
