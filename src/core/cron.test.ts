import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CronRule } from "./cron.ts";

const iso = (ms: number) => new Date(ms).toISOString().replace(":00.000Z", "Z");
const ticks = (expression: string, timezone: string, after: string, count: number): string[] => {
  const rule = new CronRule(expression, timezone);
  const found: string[] = [];
  for (let ms = rule.next(Date.parse(after)); ms !== null && found.length < count; ms = rule.next(ms))
    found.push(iso(ms));
  return found;
};

describe("in a spring gap", () => {
  it("a tick moves to the first instant after it", () => {
    expect(ticks("30 2 * * *", "Europe/Berlin", "2023-03-25T00:00Z", 3)).toEqual([
      "2023-03-25T01:30Z",
      "2023-03-26T01:00Z",
      "2023-03-27T00:30Z",
    ]);
  });
  it("ticks that meet are one", () => {
    expect(ticks("*/30 1-3 * * *", "Europe/Berlin", "2023-03-25T23:59Z", 5)).toEqual([
      "2023-03-26T00:00Z",
      "2023-03-26T00:30Z",
      "2023-03-26T01:00Z",
      "2023-03-26T01:30Z",
      "2023-03-26T23:00Z",
    ]);
  });
  it("an hourly rule owes nothing for an hour that is skipped whole", () => {
    expect(ticks("45 * * * *", "Europe/Berlin", "2023-03-26T00:00Z", 3)).toEqual([
      "2023-03-26T00:45Z",
      "2023-03-26T01:45Z",
      "2023-03-26T02:45Z",
    ]);
  });
  it("an hourly rule fires late in an hour that is cut in two", () => {
    // Lord Howe's clocks jump from 2:00 to 2:30, which is 15:30Z.
    expect(ticks("0 * * * *", "Australia/Lord_Howe", "2023-09-30T14:00Z", 3)).toEqual([
      "2023-09-30T14:30Z",
      "2023-09-30T15:30Z",
      "2023-09-30T16:00Z",
    ]);
    expect(ticks("45 * * * *", "Australia/Lord_Howe", "2023-09-30T14:00Z", 3)).toEqual([
      "2023-09-30T14:15Z",
      "2023-09-30T15:15Z",
      "2023-09-30T15:45Z",
    ]);
  });
});

describe("in an autumn overlap", () => {
  it("an hour field of exactly * fires in both hours", () => {
    expect(ticks("*/30 * * * *", "Europe/Zurich", "2023-10-28T23:45Z", 5)).toEqual([
      "2023-10-29T00:00Z",
      "2023-10-29T00:30Z",
      "2023-10-29T01:00Z",
      "2023-10-29T01:30Z",
      "2023-10-29T02:00Z",
    ]);
  });
  it("any other fires once, at the second", () => {
    expect(ticks("30 2 * * *", "Europe/Zurich", "2023-10-28T12:00Z", 2)).toEqual([
      "2023-10-29T01:30Z",
      "2023-10-30T01:30Z",
    ]);
    expect(ticks("0 0-23 * * *", "Europe/Zurich", "2023-10-28T22:30Z", 3)).toEqual([
      "2023-10-28T23:00Z",
      "2023-10-29T01:00Z",
      "2023-10-29T02:00Z",
    ]);
    expect(ticks("0 */1 * * *", "Europe/Zurich", "2023-10-28T22:30Z", 3)).toEqual([
      "2023-10-28T23:00Z",
      "2023-10-29T01:00Z",
      "2023-10-29T02:00Z",
    ]);
  });
  it("an hour that is repeated over midnight belongs to its date both times", () => {
    // São Paulo, 18 February 2018: from 24:00 back to 23:00.
    expect(ticks("30 * 17 2 *", "America/Sao_Paulo", "2018-02-18T00:30Z", 3)).toEqual([
      "2018-02-18T01:30Z",
      "2018-02-18T02:30Z",
      "2019-02-17T03:30Z",
    ]);
  });
});

describe("any rule", () => {
  const anyRule = fc.record({
    expression: fc.constantFrom(
      "0 * * * *",
      "*/20 * * * *",
      "45 * * * *",
      "30 2 * * *",
      "0,30 1-3 * * *",
      "0 0 * * *",
      "59 23 * * *",
      "15 */2 * * 0",
      "0 2 29 2 *",
      "*/7 1,2 * 3,10,11 SUN",
      "30 * 1 * *",
      "10 0 12 L * *",
    ),
    timezone: fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "America/Sao_Paulo",
      "America/St_Johns",
      "America/Havana",
      "Pacific/Apia",
      "Africa/Casablanca",
      "Asia/Kathmandu",
      "Antarctica/Troll",
    ),
  });
  // Around the days on which clocks moved, mostly.
  const moment = fc.oneof(
    fc.integer({ min: Date.UTC(2004), max: Date.UTC(2030) }),
    fc
      .tuple(
        fc.constantFrom(
          "2023-03-26",
          "2023-10-29",
          "2023-11-05",
          "2023-03-12",
          "2018-02-18",
          "2017-10-15",
          "2023-10-01",
          "2023-04-02",
          "2011-12-30",
          "2006-10-29",
          "2024-04-14",
        ),
        fc.integer({ min: -1440, max: 2880 }),
      )
      .map(([date, minutes]) => Date.parse(date) + minutes * 60_000),
  );

  it("goes forward and back over the same ticks", () => {
    fc.assert(
      fc.property(anyRule, moment, ({ expression, timezone }, ms) => {
        const rule = new CronRule(expression, timezone);
        const last = rule.last(ms)!;
        const next = rule.next(ms)!;
        expect(last).toBeLessThanOrEqual(ms);
        expect(next).toBeGreaterThan(ms);
        expect(rule.next(last)).toBe(next);
        expect(rule.last(next)).toBe(next);
        expect(rule.last(next - 1)).toBe(last);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("what is refused with BAD_CRON", () => {
  it.each([
    ["", "it has no fields"],
    ["invalid cron", "it has 2 fields"],
    ["0 0 1 13 0", "Invalid value for month"],
    ["60 * * * *", "Invalid value for minute"],
    ["0 0 30 2 *", "no date ever matches it"],
    ["5/15 * * * *", "stepping with numeric prefix"],
    ["0 0 0 1 1 * 2025", "it has 7 fields"],
  ])("%j: %s", (expression, why) =>
    expect(() => new CronRule(expression, "UTC")).toThrow(
      expect.objectContaining({ code: "BAD_CRON", message: expect.stringContaining(why) }),
    ),
  );
  it("but not a nickname", () =>
    expect(ticks("@weekly", "UTC", "2025-08-12T00:00Z", 1)).toEqual(["2025-08-17T00:00Z"]));
});
