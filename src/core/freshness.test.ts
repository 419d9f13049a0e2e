import { expect, test } from "vitest";
import { type FreshnessManifest, freshnessOf, freshnessText } from "./freshness.ts";

const at = (text: string): number => Date.parse(text) * 1000;
const text = (instant: number): string => new Date(instant / 1000).toISOString();
const of = (policy: FreshnessManifest, since: string, now: string) => {
  const { state, at: moment } = freshnessOf(policy, at(since), at(now));
  return `${state} ${text(moment)}`;
};

const HOURS_26: FreshnessManifest = { kind: "age", withinMs: 26 * 3_600_000 };
const BY_TWO: FreshnessManifest = { kind: "by", at: "02:00", timezone: "Europe/London", withinMs: 6 * 3_600_000 };

test("no older than so long: late from that moment on", () => {
  expect(of(HOURS_26, "2026-11-20T00:00:00Z", "2026-11-21T01:59:59Z")).toBe("fresh 2026-11-21T02:00:00.000Z");
  expect(of(HOURS_26, "2026-11-20T00:00:00Z", "2026-11-21T02:00:00Z")).toBe("late 2026-11-21T02:00:00.000Z");
});

test("by a time of the day: an update shortly before it counts, an older one does not", () => {
  expect(of(BY_TWO, "2026-11-20T21:00:00Z", "2026-11-21T01:00:00Z")).toBe("fresh 2026-11-22T02:00:00.000Z");
  expect(of(BY_TWO, "2026-11-20T19:00:00Z", "2026-11-21T01:59:00Z")).toBe("fresh 2026-11-21T02:00:00.000Z");
  expect(of(BY_TWO, "2026-11-20T19:00:00Z", "2026-11-21T02:00:00Z")).toBe("late 2026-11-21T02:00:00.000Z");
});

test("what was late is fresh with its next update, until the next day", () => {
  expect(of(BY_TWO, "2026-11-18T01:00:00Z", "2026-11-21T09:00:00Z")).toBe("late 2026-11-19T02:00:00.000Z");
  expect(of(BY_TWO, "2026-11-21T09:00:00Z", "2026-11-21T09:00:01Z")).toBe("fresh 2026-11-22T02:00:00.000Z");
});

test("the time of the day is the zone's, through daylight saving", () => {
  expect(of(BY_TWO, "2026-06-10T22:00:00Z", "2026-06-11T00:00:00Z")).toBe("fresh 2026-06-12T01:00:00.000Z");
  expect(of(BY_TWO, "2026-06-10T18:00:00Z", "2026-06-11T01:00:00Z")).toBe("late 2026-06-11T01:00:00.000Z");
});

test("people read it in words", () => {
  expect(freshnessText(HOURS_26)).toBe("no older than 26 h");
  expect(freshnessText({ kind: "age", withinMs: 7 * 86_400_000 })).toBe("no older than 7 days");
  expect(freshnessText({ kind: "age", withinMs: 90_000 })).toBe("no older than 1.5 min");
  expect(freshnessText({ kind: "age", withinMs: 45_000 })).toBe("no older than 45 s");
  expect(freshnessText({ kind: "age", withinMs: 2_500 })).toBe("no older than 2.5 s");
  expect(freshnessText({ kind: "age", withinMs: 250 })).toBe("no older than 250 ms");
  expect(freshnessText(BY_TWO)).toBe("by 02:00 Europe/London");
});
