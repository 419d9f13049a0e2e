import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("a burst passes, then so many a second, each for himself", () => {
  let now = 0;
  const limit = new RateLimit(3, 2, () => now);
  expect([1, 2, 3, 4].map(() => limit.take("a"))).toEqual([0, 0, 0, 1]);
  expect(limit.take("b")).toBe(0);
  now += 500;
  expect([limit.take("a"), limit.take("a")]).toEqual([0, 1]);
  now += 60_000;
  expect([1, 2, 3, 4].map(() => limit.take("a"))).toEqual([0, 0, 0, 1]);
});
