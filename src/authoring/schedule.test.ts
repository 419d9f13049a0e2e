import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PRESETS } from "../core/schedule.ts";
import { windowsBetween } from "../core/window.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { readSchedules } from "./schedule.ts";
import { daily, hourly, monthly, quarterly, weekly, yearly } from "./schedule-calendar.ts";
import { previewSchedule } from "./schedule-preview.ts";
import { cron, dates, every, rrule } from "./schedule-ticks.ts";
import { task } from "./task.ts";

const read = (given: unknown) => readSchedules(given, 'Workflow "w"');
const code = (name: string) => expect.objectContaining({ code: name });

test("a workflow may have no schedule, one, or several, named by place", () => {
  expect(read(undefined)).toEqual([]);
  expect(read("@daily")).toEqual([{ name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" }]);
  expect(read([daily(), cron("0 6 * * *", { name: "early" }), every("90m")]).map(({ name }) => name)).toEqual([
    "schedule",
    "early",
    "schedule_3",
  ]);
});

test.each(PRESETS)("%s is a schedule", (preset) => expect(read(preset)).toMatchObject([{ preset }]));

test("daily is midnight UTC unless it is told otherwise", () => {
  expect(read(daily())).toEqual([{ name: "schedule", kind: "daily", at: "00:00", timezone: "UTC" }]);
  expect(read(daily({ at: "06:30", timezone: "Europe/London", name: "morning" }))).toEqual([
    { name: "morning", kind: "daily", at: "06:30", timezone: "Europe/London" },
  ]);
});

test("the other calendar schedules say when, in the words of a calendar", () => {
  expect(read([hourly({ at: ":15" }), weekly({ on: "monday", at: "06:00" }), monthly({ on: "last" })])).toMatchObject([
    { kind: "hourly", minute: 15 },
    { kind: "weekly", begins: 0, on: 1, at: "06:00" },
    { kind: "monthly", on: 31, at: "00:00" },
  ]);
  expect(
    read([weekly({ begins: "monday" }), quarterly({ month: 2, on: 15 }), yearly({ month: 4, on: 6 })]),
  ).toMatchObject([
    { kind: "weekly", begins: 1, on: 1 },
    { kind: "quarterly", month: 2, on: 15 },
    { kind: "yearly", month: 4, on: 6 },
  ]);
});

test("every counts from its anchor, an instant; by the calendar, from a local time", () => {
  expect(read(every("90m", { anchor: "2025-01-01T01:00+01:00" }))).toMatchObject([
    { everyMs: 5_400_000, anchor: "2025-01-01T00:00:00.000Z" },
  ]);
  expect(read(every(60_000))).toMatchObject([{ everyMs: 60_000, anchor: "1970-01-01T00:00:00.000Z" }]);
  const timezone = "Europe/Berlin";
  expect(read(every("2d", { anchor: "2025-01-01T06:00", calendar: true, timezone }))).toMatchObject([
    { kind: "every_days", days: 2, anchor: "2025-01-01T06:00:00.000", timezone },
  ]);
});

test("dates are in order, each once; several expressions are one schedule; a rule brings its zone", () => {
  const all = dates(["2025-09-01T06:00", "2025-08-12", new Date("2025-09-01T04:00Z")], { timezone: "Europe/Berlin" });
  expect(read(all)).toMatchObject([{ dates: ["2025-08-11T22:00:00.000Z", "2025-09-01T04:00:00.000Z"] }]);
  expect(read(cron(["0 6 * * *", "0 18 * * FRI"]))).toMatchObject([{ expressions: ["0 6 * * *", "0 18 * * FRI"] }]);
  expect(read(rrule("DTSTART;TZID=America/New_York:20250812T060000\nRRULE:FREQ=DAILY"))).toMatchObject([
    { kind: "rrule", timezone: "America/New_York" },
  ]);
});

test("what a schedule does not have is not in the manifest", () => {
  expect(Object.keys(read(daily({ jitter: 0, skip: [] }))[0]!)).toEqual(["name", "kind", "at", "timezone"]);
  expect(read(daily({ jitter: "10m", skip: ["2025-12-25"] }))).toMatchObject([
    { jitterMs: 600_000, skip: { dates: ["2025-12-25"] } },
  ]);
});

describe("what is no schedule is refused where it is written", () => {
  test.each<[string, () => unknown, string]>([
    ["a time without a zero", () => daily({ at: "6:00" }), "BAD_SCHEDULE"],
    ["24 o'clock", () => daily({ at: "24:00" }), "BAD_SCHEDULE"],
    ["an offset as a zone", () => daily({ timezone: "+01:00" }), "BAD_TIMEZONE"],
    ["an option that is none", () => daily({ zone: "UTC" } as never), "UNKNOWN_OPTION"],
    ["skip of a week", () => weekly({ skip: [] } as never), "UNKNOWN_OPTION"],
    ["a minute that is none", () => hourly({ at: ":60" }), "BAD_OPTION"],
    ["a weekday that is none", () => weekly({ on: "mon" as never }), "BAD_OPTION"],
    ["the 32nd", () => monthly({ on: 32 }), "BAD_SCHEDULE"],
    ["the fourth month of a quarter", () => quarterly({ month: 4 }), "BAD_SCHEDULE"],
    ["the 13th month", () => yearly({ month: 13 }), "BAD_SCHEDULE"],
    ["a minute 61", () => cron("61 * * * *"), "BAD_CRON"],
    ["four fields", () => cron("* * * *"), "BAD_CRON"],
    ["the 30th of February", () => cron("0 0 30 2 *"), "BAD_CRON"],
    ["no expression", () => cron([]), "BAD_SCHEDULE"],
    ["an expression that is none", () => cron(undefined as never), "BAD_CRON"],
    ["no time at all", () => every("0s"), "BAD_SCHEDULE"],
    ["a time that is none", () => every("soon"), "BAD_DURATION"],
    ["an anchor that is none", () => every("1h", { anchor: "yesterday" }), "BAD_DATE"],
    ["half a day by the calendar", () => every("12h", { calendar: true }), "BAD_SCHEDULE"],
    ["no days by the calendar", () => every("0s", { calendar: true }), "BAD_SCHEDULE"],
    ["an empty name", () => every("1h", { name: "" }), "BAD_NAME"],
    ["a rule that is none", () => rrule("FREQ=DAILYBAD"), "BAD_RRULE"],
    ["a rule of the 30th of February", () => rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "BAD_RRULE"],
    ["a rule of an hour 25", () => rrule("FREQ=DAILY;BYHOUR=25"), "BAD_RRULE"],
    ["a rule with a part that is none", () => rrule("FREQ=DAILY;BYHOURS=5"), "BAD_RRULE"],
    ["a rule with a part twice", () => rrule("FREQ=DAILY;BYHOUR=5;BYHOUR=6"), "BAD_RRULE"],
    ["a rule without a part", () => rrule("FREQ=DAILY;BYHOUR"), "BAD_RRULE"],
    ["COUNT without a DTSTART", () => rrule("FREQ=DAILY;COUNT=3"), "BAD_RRULE"],
    ["an event instead of a rule", () => rrule("BEGIN:VEVENT"), "BAD_RRULE"],
    ["no dates", () => dates([]), "BAD_SCHEDULE"],
    ["a date that is none", () => dates(["2025-02-30"]), "BAD_DATE"],
    ["jitter that is none", () => daily({ jitter: "soon" }), "BAD_DURATION"],
    ["params that are none", () => daily({ params: [] as never }), "BAD_OPTION"],
    ["params that are no values", () => daily({ params: { f: () => 1 } }), "VALUE_NOT_SERIALIZABLE"],
    ["a day left out that is none", () => daily({ skip: ["25.12.2025"] }), "BAD_DATE"],
    ["a function that throws", () => daily({ skip: () => JSON.parse("{") as boolean }), "SCHEDULE_FUNCTION_FAILED"],
    ["a function that answers later", () => daily({ skip: (async () => true) as never }), "SCHEDULE_FUNCTION_FAILED"],
    ["a function that leaves out every day", () => daily({ skip: () => true }), "BAD_SCHEDULE"],
  ])("%s", (_, make, name) => expect(make).toThrow(code(name)));

  test("the message says of which, and which day", () => {
    const holidays = {
      skip: (date: string): boolean => {
        if (date === "2025-12-25") throw new Error("no calendar");
        return false;
      },
    };
    expect(() => cron("0 9 * * *", holidays)).toThrow(
      'cron("0 9 * * *"): the function "skip" threw for "2025-12-25": Error: no calendar',
    );
    expect(() => daily({ timezone: "Europe/Londn" })).toThrow(/^daily\(…\): "Europe\/Londn" is not a time zone/);
  });
});

test("what is no schedule at all is refused with what there is", () => {
  expect(() => read("@dayly")).toThrow(
    expect.objectContaining({ code: "BAD_SCHEDULE", message: expect.stringContaining('Did you mean "@daily"?') }),
  );
  expect(() => read(null)).toThrow(code("BAD_SCHEDULE"));
  expect(() => read(["@daily", {}])).toThrow(code("BAD_SCHEDULE"));
  expect(() => read([daily({ name: "a" }), cron("* * * * *", { name: "a" })])).toThrow(code("DUPLICATE_SCHEDULE"));
});

test("a function and a list leave out the same days", () => {
  const holidays = ["2025-12-25", "2025-12-26"];
  const windows = [holidays, (date: string) => holidays.includes(date)].map((skip) =>
    windowsBetween(read(daily({ skip }))[0]!, "2025-12-20", "2026-01-02").map(({ date }) => date),
  );
  expect(windows[0]).toHaveLength(12);
  expect(windows[1]).toEqual(windows[0]);
});

describe("params of a schedule", () => {
  const noop = task("noop", () => {});
  const schema = z.object({ region: z.enum(["emea", "apac"]) });
  const of = (params: object, takes: typeof schema | undefined) =>
    build(
      dag("w", { schedule: daily({ params: { ...params } }), ...(takes ? { params: takes } : {}) }, () => void noop()),
    ).manifest;

  test("are what its runs begin with, each schedule its own", () => {
    const { schedules } = build(
      dag(
        "w",
        {
          params: schema,
          schedule: [daily({ params: { region: "emea" } }), cron("0 9 * * *", { params: { region: "apac" } })],
        },
        () => void noop(),
      ),
    ).manifest;
    expect(schedules.map(({ params }) => params)).toEqual(['[{"region":1},"emea"]', '[{"region":1},"apac"]']);
  });
  test("that the workflow does not take are refused when the file is loaded", () => {
    expect(() => of({ region: "nowhere" }, schema)).toThrow(
      expect.objectContaining({
        code: "PARAMS_INVALID",
        message: expect.stringMatching(/schedule "schedule".*region/),
      }),
    );
    expect(() => of({ region: "emea" }, undefined)).toThrow(code("PARAMS_UNEXPECTED"));
  });
});

describe("previewSchedule", () => {
  const text = (runs: ReturnType<typeof previewSchedule>) =>
    runs.map(({ fireAt, window }) =>
      [fireAt, window.start, window.end].map((date) => date.toISOString().slice(5, 16)).join(" "),
    );
  test("gives the runs that fire after a moment, local to the schedule", () => {
    const schedule = daily({ at: "06:00", timezone: "Europe/London" });
    expect(text(previewSchedule(schedule, { after: "2025-08-12", count: 2 }))).toEqual([
      "08-12T05:00 08-10T23:00 08-11T23:00",
      "08-13T05:00 08-11T23:00 08-12T23:00",
    ]);
  });
  test("gives fewer where the schedule ends", () => {
    expect(previewSchedule("@daily", { after: "2025-08-12", end: "2025-08-15", count: 9 })).toHaveLength(3);
    expect(previewSchedule(dates(["2025-08-12"]), { after: "2025-08-12" })).toEqual([]);
  });
  test("of @once and @continuous gives the start", () => {
    for (const preset of ["@once", "@continuous"] as const)
      expect(text(previewSchedule(preset, { after: "2025-08-12T09:30Z" }))).toEqual([
        "08-12T09:30 08-12T09:30 08-12T09:30",
      ]);
    expect(text(previewSchedule("@once", { after: "2025-08-12T09:30Z", start: "2025-09-01" }))).toEqual([
      "09-01T00:00 09-01T00:00 09-01T00:00",
    ]);
  });
  test("counts the jitter of a workflow in", () => {
    const late = (workflow: string) =>
      previewSchedule(daily({ jitter: "1h" }), { after: "2025-08-12", count: 1, workflow })[0]!.fireAt.getTime();
    expect(new Set(["a", "b", "c", "d"].map(late)).size).toBe(4);
    expect(late("a")).toBe(late("a"));
  });
  test("refuses what it can't do", () => {
    expect(() => previewSchedule("@daily", { start: "2025-08-12", end: "2025-08-11" })).toThrow(code("BAD_DATE"));
    expect(() => previewSchedule("@daily", { count: 0 })).toThrow(code("BAD_OPTION"));
    expect(() => previewSchedule("@daily", { count: 100_001 })).toThrow(code("BAD_OPTION"));
    expect(() => previewSchedule("@daily", { after: "noon" })).toThrow(code("BAD_DATE"));
    expect(() => previewSchedule("0 6 * * *" as never)).toThrow(code("BAD_SCHEDULE"));
  });
});
