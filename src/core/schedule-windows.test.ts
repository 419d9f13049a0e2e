import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScheduleManifest, ScheduleRuleManifest } from "./schedule.ts";
import { calendarDays } from "./schedule-skip.ts";
import { windowsOf } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";
import { useRRuleLibrary } from "../authoring/schedule-rrule.ts";

useRRuleLibrary();

const ZONES = [
  "UTC",
  "Europe/London",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Havana",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Antarctica/Troll",
] as const;

/** Every window from 1970 to 2040, which takes minutes, and not only those around the days on which clocks moved. */
const ALL = process.env.TUTTI_ALL_WINDOWS === "1";
const [FROM, TO] = [Date.UTC(1970, 0, 1), Date.UTC(2041, 0, 1)];
const DAY_MS = 86_400_000;

const named = (rule: ScheduleRuleManifest): ScheduleManifest => ({ name: "schedule", ...rule });
const rulesIn = (timezone: string): ScheduleRuleManifest[] => [
  ...(["@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly"] as const).map((preset) => ({
    kind: "preset" as const,
    preset,
    timezone,
  })),
  { kind: "hourly", minute: 45, timezone },
  { kind: "daily", at: "00:00", timezone },
  { kind: "daily", at: "02:30", timezone },
  { kind: "daily", at: "23:59", timezone },
  { kind: "weekly", begins: 1, on: 0, at: "01:15", timezone },
  { kind: "monthly", on: 31, at: "02:30", timezone },
  { kind: "quarterly", month: 3, on: 30, at: "00:30", timezone },
  { kind: "yearly", month: 12, on: 31, at: "23:30", timezone },
  { kind: "every_days", days: 2, anchor: "2000-01-01T02:30:00.000", timezone },
  { kind: "cron", expressions: ["30 2 * * *", "*/40 1-3 * * SUN"], timezone },
];

/** Stretches to look at: all of it, or the days around each change of the clocks and some others. */
function stretches(zone: TimeZone, long: boolean): [number, number][] {
  if (ALL || long) return [[FROM, TO]];
  const changes = zone.transitionsBetween(FROM, TO).map(({ at }) => at);
  const chosen = changes.filter((_, place) => place % 5 === 0 || place > changes.length - 4);
  return [...chosen, Date.UTC(1999, 11, 31), Date.UTC(2024, 1, 28), Date.UTC(2011, 11, 29)].map((at) => [
    at - 2 * DAY_MS,
    at + 3 * DAY_MS,
  ]);
}

const LONG = new Set(["@monthly", "@quarterly", "@yearly", "monthly", "quarterly", "yearly"]);

describe.each(ZONES)("in %s", (timezone) => {
  it.each(rulesIn(timezone).map((rule) => [JSON.stringify({ ...rule, timezone: undefined }), rule] as const))(
    "windows of %s tile time, and their runs fire one after the other",
    (_, rule) => {
      const windows = windowsOf(named(rule))!;
      for (const [from, to] of stretches(windows.zone, LONG.has(rule.kind === "preset" ? rule.preset : rule.kind))) {
        let before = windows.next(from)!;
        let broken = 0;
        for (let span = windows.next(before.end)!; span.end < to; before = span, span = windows.next(span.end)!) {
          const tiles = span.start === before.end && span.end > span.start;
          const fires =
            windows.fire.at(span.end) >= span.end && windows.fire.at(span.end) > windows.fire.at(before.end);
          if (!tiles || !fires) broken++;
        }
        expect(broken).toBe(0);
        const span = windows.next(from)!;
        expect([windows.last(span.end), windows.at(span.start), windows.at(span.end - 1)]).toEqual([span, span, span]);
        expect(windows.last(span.end - 1)!.end).toBe(span.start);
      }
    },
    ALL ? 600_000 : 20_000,
  );
});

describe("days that are left out", () => {
  const weekends = calendarDays((date) => [0, 6].includes(new Date(date).getUTCDay()))!;
  const at = (iso: string) => Date.parse(iso);
  const shown = (schedule: ScheduleManifest, after: string, count: number): string[] => {
    const windows = windowsOf(schedule)!;
    const found: string[] = [];
    for (let span = windows.next(at(after)); span !== null && found.length < count; span = windows.next(span.end))
      found.push([span.start, span.end].map((ms) => new Date(ms).toISOString().slice(5, 16)).join(" "));
    return found;
  };

  it("a day has no window", () => {
    const daily = {
      ...named({ kind: "daily", at: "06:00", timezone: "UTC" }),
      skip: { dates: ["2025-12-25", "2025-12-26"] },
    };
    expect(shown(daily, "2025-12-24T12:00Z", 3)).toEqual([
      "12-24T00:00 12-25T00:00",
      "12-27T00:00 12-28T00:00",
      "12-28T00:00 12-29T00:00",
    ]);
    expect(windowsOf(daily)!.at(at("2025-12-25T12:00Z"))).toBeNull();
  });
  it("a tick on one is none, and the window after it is longer", () => {
    const cron = { ...named({ kind: "cron", expressions: ["0 9 * * *"], timezone: "UTC" }), skip: { days: weekends } };
    expect(shown(cron, "2025-08-14T12:00Z", 3)).toEqual([
      "08-14T09:00 08-15T09:00",
      "08-15T09:00 08-18T09:00",
      "08-18T09:00 08-19T09:00",
    ]);
  });
  it("a tick at the first moment of the day after is one", () => {
    const rule = named({ kind: "cron", expressions: ["0 0 * * *"], timezone: "UTC" });
    expect(shown({ ...rule, skip: { dates: ["2025-08-15"] } }, "2025-08-14T12:00Z", 2)).toEqual([
      "08-14T00:00 08-16T00:00",
      "08-16T00:00 08-17T00:00",
    ]);
  });
  it("forward and back meet the same windows", () => {
    const zones = fc.constantFrom(...ZONES);
    const rules = fc.tuple(zones, fc.nat(20)).map(([zone, place]) => {
      const all = rulesIn(zone).filter(({ kind }) => ["hourly", "daily", "cron", "every_days"].includes(kind));
      return all[place % all.length]!;
    });
    fc.assert(
      fc.property(rules, fc.integer({ min: Date.UTC(2001), max: Date.UTC(2045) }), (rule, ms) => {
        const windows = windowsOf({
          ...named(rule),
          skip: { days: weekends, dates: ["2025-12-25"] },
        })!;
        const span = windows.next(ms)!;
        expect(span.end).toBeGreaterThan(ms);
        expect(windows.last(span.end)).toEqual(span);
        expect(windows.last(ms)!.end).toBeLessThanOrEqual(ms);
        expect(windows.next(windows.last(ms)!.end)).toEqual(span);
      }),
      { numRuns: 300 },
    );
  });
});

describe("when a run fires", () => {
  const fires = (rule: ScheduleRuleManifest, after: string): string => {
    const windows = windowsOf(named(rule))!;
    return new Date(windows.fire.at(windows.next(Date.parse(after))!.end)).toISOString().slice(0, 16);
  };
  it.each<[string, ScheduleRuleManifest, string]>([
    ["hourly", { kind: "hourly", minute: 15, timezone: "UTC" }, "2025-08-12T11:15"],
    ["daily, in its zone", { kind: "daily", at: "06:00", timezone: "Europe/London" }, "2025-08-13T05:00"],
    ["weekly", { kind: "weekly", begins: 0, on: 2, at: "06:00", timezone: "UTC" }, "2025-08-19T06:00"],
    ["weekly, from Monday", { kind: "weekly", begins: 1, on: 1, at: "00:00", timezone: "UTC" }, "2025-08-18T00:00"],
    ["monthly", { kind: "monthly", on: 3, at: "06:00", timezone: "UTC" }, "2025-09-03T06:00"],
    [
      "monthly, the last day of a month of 30",
      { kind: "monthly", on: 31, at: "06:00", timezone: "UTC" },
      "2025-09-30T06:00",
    ],
    ["quarterly", { kind: "quarterly", month: 2, on: 15, at: "06:00", timezone: "UTC" }, "2025-11-15T06:00"],
    ["yearly", { kind: "yearly", month: 4, on: 6, at: "06:00", timezone: "UTC" }, "2026-04-06T06:00"],
  ])("%s", (_, rule, at) => expect(fires(rule, "2025-08-12T10:30Z")).toBe(at));
  it("at a time that comes twice, the second; at one that does not exist, the first moment after", () => {
    const daily: ScheduleRuleManifest = { kind: "daily", at: "02:30", timezone: "Europe/Berlin" };
    expect(fires(daily, "2023-10-28T12:00Z")).toBe("2023-10-29T01:30");
    expect(fires(daily, "2023-03-25T12:00Z")).toBe("2023-03-26T01:00");
  });
});

describe("dates", () => {
  const dates = named({
    kind: "dates",
    dates: ["2025-08-12T06:00:00.000Z", "2025-09-01T06:00:00.000Z"],
    timezone: "UTC",
  });
  it("are windows without width, and then there are no more", () => {
    const windows = windowsOf(dates)!;
    const [first, second] = ["2025-08-12T06:00Z", "2025-09-01T06:00Z"].map((iso) => Date.parse(iso));
    expect(windows.next(0)).toEqual({ start: first, end: first });
    expect(windows.next(first!)).toEqual({ start: second, end: second });
    expect(windows.next(second!)).toBeNull();
    expect(windows.last(second! - 1)).toEqual({ start: first, end: first });
    expect(windows.last(first! - 1)).toBeNull();
  });
});

describe("a recurrence rule", () => {
  const of = (rule: string, timezone: string) => windowsOf(named({ kind: "rrule", rule, timezone }))!;
  const ticks = (rule: string, timezone: string, after: string, count: number) => {
    const found: string[] = [];
    for (
      let span = of(rule, timezone).next(Date.parse(after));
      span && found.length < count;
      span = of(rule, timezone).next(span.end)
    )
      found.push(new Date(span.end).toISOString().slice(0, 16));
    return found;
  };
  it("counts days on the wall clock; in a gap it fires at the end of it, of two equal times at the first", () => {
    const rule = "DTSTART:20230324T023000\nRRULE:FREQ=DAILY";
    expect(ticks(rule, "Europe/Berlin", "2023-03-25T00:00Z", 3)).toEqual([
      "2023-03-25T01:30",
      "2023-03-26T01:00",
      "2023-03-27T00:30",
    ]);
    expect(ticks(rule, "Europe/Berlin", "2023-10-28T12:00Z", 2)).toEqual(["2023-10-29T00:30", "2023-10-30T01:30"]);
  });
  it("takes RDATE, EXDATE, UNTIL as an instant, and several rules", () => {
    const rule =
      "DTSTART:20250801T060000\nRRULE:FREQ=DAILY;UNTIL=20250804T040000Z\nRRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=2\nRDATE:20250901T060000\nEXDATE:20250802T060000";
    expect(ticks(rule, "Europe/Berlin", "2025-07-01T00:00Z", 9)).toEqual([
      "2025-08-01T04:00",
      "2025-08-03T04:00",
      "2025-08-04T04:00",
      "2025-08-10T04:00",
      "2025-09-01T04:00",
    ]);
  });
  it("goes forward and back over the same ticks", () => {
    const rules = fc.constantFrom(
      "FREQ=HOURLY;INTERVAL=5",
      "FREQ=HOURLY;BYMINUTE=0,20,40",
      "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=30",
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
    );
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(2005), max: Date.UTC(2030) }),
        fc.integer({ min: -180, max: 180 }),
        (rule, zone, any, minutes) => {
          // Mostly near a change of the clocks.
          const change = TimeZone.of(zone).transitionsBetween(any, any + 366 * DAY_MS)[0];
          const ms = change === undefined ? any : change.at + minutes * 60_000;
          const span = of(rule, zone).next(ms)!;
          expect(of(rule, zone).last(span.end)).toEqual(span);
          expect(of(rule, zone).last(ms)!.end).toBe(span.start);
          expect(span.start <= ms && ms < span.end).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
