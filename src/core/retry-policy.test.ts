import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRetry, type Failure, matchRule, type RetryPolicy } from "./retry-policy.ts";

const policy: RetryPolicy = { limit: 3, backoff: "fixed", delayMs: 1000, maxDelayMs: 600_000, jitter: "none", on: [] };
const failure: Failure = { attempt: 1, rule: null, retryAfterMs: null, final: false, random: 0 };
const delayOf = (changed: Partial<RetryPolicy>, failed: Partial<Failure> = {}) => {
  const decision = decideRetry({ ...policy, ...changed }, { ...failure, ...failed });
  return decision.retry ? decision.delayMs : null;
};

describe("matchRule", () => {
  const rule = (error: string | null) => ({ error, limit: null, delayMs: null });
  it("matches a code, a name, or a class it extends; the first rule decides", () => {
    const rules = [rule("AUTH_FAILED"), rule("TimeoutError"), rule("HttpError"), rule("AUTH_FAILED")];
    expect(matchRule(rules, { name: "Error", code: "AUTH_FAILED" })).toBe(0);
    expect(matchRule(rules, { name: "TimeoutError" })).toBe(1);
    expect(matchRule(rules, { name: "NotFound", classes: ["NotFound", "HttpError", "Error"] })).toBe(2);
    expect(matchRule(rules, { name: "Error" })).toBeNull();
  });
  it("asks for the rules that are not text, in their order", () => {
    const rules = [rule(null), rule("Error"), rule(null)];
    expect(matchRule(rules, { name: "Error" })).toBe(1);
    expect(matchRule(rules, { name: "Error" }, (place) => place === 0)).toBe(0);
    expect(matchRule(rules, { name: "Other" }, (place) => place === 2)).toBe(2);
  });
});

describe("decideRetry", () => {
  it("limit counts tries after the first", () => {
    expect([1, 2, 3, 4].map((attempt) => delayOf({}, { attempt }) !== null)).toEqual([true, true, true, false]);
    expect(delayOf({ limit: 0 })).toBeNull();
  });
  it("no policy, or a final failure, is the end", () => {
    expect(decideRetry(null, { ...failure, retryAfterMs: 5 })).toEqual({ retry: false });
    expect(delayOf({}, { final: true, retryAfterMs: 5 })).toBeNull();
  });
  it("backs off as its kind says, up to the cap", () => {
    const delays = (backoff: RetryPolicy["backoff"]) =>
      [1, 2, 3, 4].map((attempt) => delayOf({ backoff, limit: 9, maxDelayMs: 5000 }, { attempt }));
    expect(delays("fixed")).toEqual([1000, 1000, 1000, 1000]);
    expect(delays("linear")).toEqual([1000, 2000, 3000, 4000]);
    expect(delays("exponential")).toEqual([1000, 2000, 4000, 5000]);
  });
  it("a matched rule's limit and delay replace the policy's", () => {
    const on = [
      { error: "A", limit: 0, delayMs: null },
      { error: "B", limit: null, delayMs: 7 },
      { error: "C", limit: 9, delayMs: null },
    ];
    expect(delayOf({ on }, { rule: 0 })).toBeNull();
    expect(delayOf({ on }, { rule: 1 })).toBe(7);
    expect(delayOf({ on }, { rule: 2, attempt: 9 })).toBe(1000);
    expect(delayOf({ on }, { rule: null, attempt: 9 })).toBeNull();
  });
  it("what the task asked for overrides the delay, not the limit", () => {
    expect(delayOf({ maxDelayMs: 10, jitter: "full" }, { retryAfterMs: 300_000, random: 0.5 })).toBe(300_000);
    expect(delayOf({}, { retryAfterMs: 300_000, attempt: 4 })).toBeNull();
  });

  const anyPolicy = fc.record({
    backoff: fc.constantFrom("fixed" as const, "linear" as const, "exponential" as const),
    delayMs: fc.nat(),
    maxDelayMs: fc.nat(),
    limit: fc.constant(1e6),
  });
  const attempt = fc.integer({ min: 1, max: 100_000 });
  it("a delay is a whole number between nothing and the cap, and full jitter only shortens it", () => {
    fc.assert(
      fc.property(
        anyPolicy,
        attempt,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (changed, attempt, random) => {
          const full = delayOf({ ...changed, jitter: "none" }, { attempt })!;
          const jittered = delayOf({ ...changed, jitter: "full" }, { attempt, random })!;
          expect(Number.isInteger(full) && Number.isInteger(jittered)).toBe(true);
          expect(full).toBeLessThanOrEqual(changed.maxDelayMs);
          expect(jittered).toBeGreaterThanOrEqual(0);
          expect(jittered).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
  it("a later attempt never waits less, without jitter", () => {
    fc.assert(
      fc.property(
        anyPolicy,
        attempt,
        (changed, attempt) =>
          void expect(delayOf(changed, { attempt: attempt + 1 })!).toBeGreaterThanOrEqual(
            delayOf(changed, { attempt })!,
          ),
      ),
    );
  });
});
