import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSchedule, type ScheduleManifest } from "./schedule.ts";
import {
  dayWindow,
  lastClosedWindow,
  momentWindow,
  type Window,
  windowOfDate,
  windowOfInstant,
  windowsBetween,
} from "./window.ts";

const at = (iso: string): number => Date.parse(iso) * 1000;
const shown = (window: Window | null) =>
  window &&
  [window.start, window.end]
    .map((instant) => new Date(instant / 1000).toISOString().replace(":00.000Z", "Z"))
    .join(" ") + ` ${window.date}`;
const hours = ({ start, end }: Window) => (end - start) / 3_600_000_000;

const preset = (
  preset: Extract<ScheduleManifest, { kind: "preset" }>["preset"],
  timezone = "UTC",
): ScheduleManifest => ({ name: "schedule", kind: "preset", preset, timezone });
const cron = (expression: string, timezone = "UTC"): ScheduleManifest => ({
  name: "schedule",
  kind: "cron",
  expressions: [expression],
  timezone,
});
const daily = (timezone: string): ScheduleManifest => ({ name: "schedule", kind: "daily", at: "06:00", timezone });
const every = (everyMs: number, anchor = "2025-01-01T00:00Z"): ScheduleManifest => ({
  name: "schedule",
  kind: "every",
  everyMs,
  anchor,
});

describe("windowOfDate", () => {
  it.each<[string, ScheduleManifest, string, string | null]>([
    ["@daily is the day", preset("@daily"), "2025-08-12", "2025-08-12T00:00Z 2025-08-13T00:00Z 2025-08-12"],
    ["@weekly begins on Sunday", preset("@weekly"), "2025-08-12", "2025-08-10T00:00Z 2025-08-17T00:00Z 2025-08-10"],
    ["@monthly", preset("@monthly"), "2025-02-28", "2025-02-01T00:00Z 2025-03-01T00:00Z 2025-02-01"],
    ["@quarterly", preset("@quarterly"), "2025-12-31", "2025-10-01T00:00Z 2026-01-01T00:00Z 2025-10-01"],
    ["@yearly", preset("@yearly"), "2024-02-29", "2024-01-01T00:00Z 2025-01-01T00:00Z 2024-01-01"],
    [
      "@hourly is the first hour",
      preset("@hourly", "Asia/Kolkata"),
      "2025-08-12",
      "2025-08-11T18:30Z 2025-08-11T19:30Z 2025-08-12",
    ],
    ["@once has no width", preset("@once"), "2025-08-12", "2025-08-12T00:00Z 2025-08-12T00:00Z 2025-08-12"],
    [
      "daily() is the local day, whenever it fires",
      daily("Europe/London"),
      "2025-08-12",
      "2025-08-11T23:00Z 2025-08-12T23:00Z 2025-08-12",
    ],
    [
      "cron is from tick to tick around midnight",
      cron("0 6 * * *", "Europe/London"),
      "2025-08-12",
      "2025-08-11T05:00Z 2025-08-12T05:00Z 2025-08-11",
    ],
    ["cron over a weekend", cron("0 9 * * MON-FRI"), "2025-08-10", "2025-08-08T09:00Z 2025-08-11T09:00Z 2025-08-08"],
    [
      "every counts from its anchor, also backwards",
      every(5_400_000, "2030-01-01"),
      "2025-08-12",
      "2025-08-12T00:00Z 2025-08-12T01:30Z 2025-08-12",
    ],
    [
      "a moment with an offset",
      preset("@hourly"),
      "2025-08-12T06:30+02:00",
      "2025-08-12T04:00Z 2025-08-12T05:00Z 2025-08-12",
    ],
    [
      "a moment in the schedule's zone",
      preset("@hourly", "Europe/London"),
      "2025-08-12T06:30",
      "2025-08-12T05:00Z 2025-08-12T06:00Z 2025-08-12",
    ],
    ["a date that the zone never had", preset("@daily", "Pacific/Apia"), "2011-12-30", null],
    [
      "the day before it",
      preset("@daily", "Pacific/Apia"),
      "2011-12-29",
      "2011-12-29T10:00Z 2011-12-30T10:00Z 2011-12-29",
    ],
  ])("%s", (_, schedule, date, window) => expect(shown(windowOfDate(schedule, date))).toBe(window));

  it.each(["2025-02-30", "2025-13-01", "12.08.2025", "today", "", "2025-08-12T25:00", "2025-8-12"])(
    "%j is refused with BAD_DATE",
    (date) => expect(() => windowOfDate(preset("@daily"), date)).toThrow(expect.objectContaining({ code: "BAD_DATE" })),
  );

  it("costs far less than a millisecond", () => {
    const schedule = cron("*/15 9-17 * * MON-FRI", "America/New_York");
    windowOfDate(schedule, "2025-08-12");
    const start = performance.now();
    for (let time = 0; time < 100; time++) windowOfDate(schedule, "2025-08-12");
    expect((performance.now() - start) / 100).toBeLessThan(1);
  });
});

describe("a calendar window is as long as the zone makes it", () => {
  it.each([
    ["Europe/London", "2025-03-30", 23],
    ["Europe/London", "2025-10-26", 25],
    ["Australia/Lord_Howe", "2023-10-01", 23.5],
    ["America/Havana", "2023-11-05", 25],
    ["America/Sao_Paulo", "2018-02-17", 25],
    ["America/Sao_Paulo", "2018-11-04", 23],
    ["UTC", "2025-03-30", 24],
  ])("%s %s: %d hours", (timezone, date, long) => expect(hours(windowOfDate(daily(timezone), date)!)).toBe(long));

  it("both equal hours of an overlap are windows", () => {
    const windows = windowsBetween(preset("@hourly", "Europe/Berlin"), "2023-10-29", "2023-10-29");
    expect(windows).toHaveLength(25);
    expect(windowsBetween(preset("@hourly", "Europe/Berlin"), "2023-03-26", "2023-03-26")).toHaveLength(23);
  });
});

describe("windowsBetween", () => {
  it("takes both dates, by the local date on which a window starts", () => {
    expect(windowsBetween(daily("Europe/London"), "2025-08-10", "2025-08-12").map(({ date }) => date)).toEqual([
      "2025-08-10",
      "2025-08-11",
      "2025-08-12",
    ]);
    expect(windowsBetween(preset("@monthly"), "2025-01-15", "2025-03-01").map(({ date }) => date)).toEqual([
      "2025-02-01",
      "2025-03-01",
    ]);
    expect(windowsBetween(cron("0 6 * * *"), "2025-08-12", "2025-08-12").map(shown)).toEqual([
      "2025-08-12T06:00Z 2025-08-13T06:00Z 2025-08-12",
    ]);
    expect(
      windowsBetween(preset("@daily", "Pacific/Apia"), "2011-12-29", "2011-12-31").map(({ date }) => date),
    ).toEqual(["2011-12-29", "2011-12-31"]);
    expect(windowsBetween(preset("@once"), "2025-01-01", "2025-12-31")).toEqual([]);
  });
  it("refuses dates in the wrong order, and more windows than anyone means", () => {
    expect(() => windowsBetween(preset("@daily"), "2025-08-13", "2025-08-12")).toThrow(
      expect.objectContaining({ code: "BAD_DATE" }),
    );
    expect(() => windowsBetween(every(1000), "2025-01-01", "2025-12-31")).toThrow(
      expect.objectContaining({ code: "TOO_MANY_WINDOWS" }),
    );
  });
});

describe("lastClosedWindow", () => {
  it.each<[string, ScheduleManifest, string, string]>([
    [
      "a window that ends now is closed",
      preset("@daily"),
      "2025-08-13T00:00Z",
      "2025-08-12T00:00Z 2025-08-13T00:00Z 2025-08-12",
    ],
    [
      "just before, it is not",
      preset("@daily"),
      "2025-08-12T23:59:59.999Z",
      "2025-08-11T00:00Z 2025-08-12T00:00Z 2025-08-11",
    ],
    [
      "a closed window counts before it fires",
      daily("UTC"),
      "2025-08-13T00:01Z",
      "2025-08-12T00:00Z 2025-08-13T00:00Z 2025-08-12",
    ],
    [
      "cron",
      cron("*/15 9-17 * * MON-FRI", "America/New_York"),
      "2025-08-11T12:00Z",
      "2025-08-08T21:30Z 2025-08-08T21:45Z 2025-08-08",
    ],
    ["every", every(5_400_000), "2025-01-01T02:00Z", "2025-01-01T00:00Z 2025-01-01T01:30Z 2025-01-01"],
    [
      "@continuous is now",
      preset("@continuous"),
      "2025-01-01T02:00Z",
      "2025-01-01T02:00Z 2025-01-01T02:00Z 2025-01-01",
    ],
  ])("%s", (_, schedule, now, window) => expect(shown(lastClosedWindow(schedule, at(now)))).toBe(window));
});

describe("without a schedule", () => {
  it("a date is its day", () => {
    expect(shown(dayWindow("2025-08-12"))).toBe("2025-08-12T00:00Z 2025-08-13T00:00Z 2025-08-12");
    expect(shown(dayWindow("2025-08-12", "Asia/Tokyo"))).toBe("2025-08-11T15:00Z 2025-08-12T15:00Z 2025-08-12");
    expect(dayWindow("2011-12-30", "Pacific/Apia")).toBeNull();
  });
  it("a moment has no width", () =>
    expect(momentWindow(at("2025-08-12T23:30Z") + 7, "Asia/Tokyo")).toEqual({
      start: at("2025-08-12T23:30Z") + 7,
      end: at("2025-08-12T23:30Z") + 7,
      date: "2025-08-13",
      timezone: "Asia/Tokyo",
    }));
});

describe("windows", () => {
  const zones = fc.constantFrom(
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
  );
  const schedules = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          "@hourly" as const,
          "@daily" as const,
          "@weekly" as const,
          "@monthly" as const,
          "@quarterly" as const,
          "@yearly" as const,
        ),
        zones,
      )
      .map(([name, zone]) => preset(name, zone)),
    zones.map(daily),
    fc
      .tuple(fc.constantFrom("*/20 * * * *", "30 2 * * *", "0 9-17 * * MON-FRI"), zones)
      .map(([expression, zone]) => cron(expression, zone)),
    fc.integer({ min: 1, max: 1e9 }).map((ms) => every(ms)),
  );
  const instants = fc.integer({ min: at("2004-01-01"), max: at("2030-01-01") });

  it("cover all of time, without overlap", () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, instant) => {
        const window = windowOfInstant(schedule, instant)!;
        expect(window.start).toBeLessThanOrEqual(instant);
        expect(window.end).toBeGreaterThan(instant);
        expect(windowOfInstant(schedule, window.start)).toEqual(window);
        expect(windowOfInstant(schedule, window.end - 1)).toEqual(window);
        expect(windowOfInstant(schedule, window.end)!.start).toBe(window.end);
        expect(lastClosedWindow(schedule, window.end)).toEqual(window);
      }),
      { numRuns: 500 },
    );
  });

  it("between two dates are each window that starts on one of them, in order", () => {
    const days = fc
      .tuple(fc.integer({ min: 0, max: 9000 }), fc.nat({ max: 3 }))
      .map(
        ([day, more]) =>
          [day, day + more].map((each) => new Date(Date.UTC(2004, 0, 1 + each)).toISOString().slice(0, 10)) as [
            string,
            string,
          ],
      );
    fc.assert(
      fc.property(
        schedules.filter((schedule) => schedule.kind !== "every"),
        days,
        (schedule, [from, to]) => {
          const windows = windowsBetween(schedule, from, to);
          for (const [place, window] of windows.entries()) {
            expect(window.date >= from && window.date <= to).toBe(true);
            if (place > 0) expect(window.start).toBe(windows[place - 1]!.end);
            expect(windowOfInstant(schedule, window.start)).toEqual(window);
          }
          const before = windows[0] && lastClosedWindow(schedule, windows[0].start);
          if (before) expect(before.date < from).toBe(true);
          const after = windows[0] && windowOfInstant(schedule, windows.at(-1)!.end);
          if (after) expect(after.date > to).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("checkSchedule", () => {
  it.each<[ScheduleManifest, string]>([
    [cron("0 0 1 13 0"), "BAD_CRON"],
    [cron("0 0 * * *", "Europe/Londn"), "BAD_TIMEZONE"],
    [daily("+05:30"), "BAD_TIMEZONE"],
    [{ ...daily("UTC"), at: "6:00" } as ScheduleManifest, "BAD_SCHEDULE"],
    [{ ...daily("UTC"), at: "24:00" } as ScheduleManifest, "BAD_SCHEDULE"],
    [preset("@fortnightly" as never), "BAD_SCHEDULE"],
    [every(0), "BAD_SCHEDULE"],
    [every(-86_400_000), "BAD_SCHEDULE"],
    [every(1000, "noon"), "BAD_DATE"],
  ])("%j: %s", (schedule, code) => expect(() => checkSchedule(schedule)).toThrow(expect.objectContaining({ code })));
  it("takes the others", () => {
    for (const schedule of [preset("@daily"), daily("Asia/Kathmandu"), cron("@hourly"), every(1)])
      expect(() => checkSchedule(schedule)).not.toThrow();
  });
});
