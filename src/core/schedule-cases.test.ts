import { afterAll, expect, it } from "vitest";
import { type SharedCase as Case, sharedCases } from "../../test/support/shared-cases.ts";
import { CronRule } from "./cron.ts";
import { checkSchedule, type ScheduleManifest } from "./schedule.ts";
import { lastClosedWindow, windowOfInstant } from "./window.ts";

/** A fact to check, or why it is left out. */
type Check = (() => void) | string;

/** Why a kind of case is not about ticks or windows of ours. */
const REASONS: Record<string, string> = {
  count_between: "a cap on the number of results is the caller's",
  delta_trigger: "an interval without a window is not a schedule of ours",
  multiple_cron_trigger: "several schedules are a list of schedules, each with windows of its own",
  events: "a list of dates is not a schedule of ours",
  interval: "calendar intervals; ours are exact",
  rrule: "RRULE is not a schedule of ours",
};

const ms = (iso: string): number => Date.parse(iso);
const cron = (expression: string, timezone: string): ScheduleManifest => ({
  name: "schedule",
  kind: "cron",
  expression,
  timezone,
});
const every = (seconds: number, anchor: string): ScheduleManifest => ({
  name: "schedule",
  kind: "every",
  everyMs: seconds * 1000,
  anchor,
});

function ticksFrom(rule: CronRule, from: number, count: number): number[] {
  const ticks: number[] = [];
  for (let tick = rule.next(from - 1); tick !== null && ticks.length < count; tick = rule.next(tick)) ticks.push(tick);
  return ticks;
}

const cronName = (each: Case, place: number): string =>
  `${place} ${each.kind} ${each.group ?? ""} ${JSON.stringify(each.cron)} ${each.timezone ?? ""}`;

function cronCheck(each: Case): Check {
  const rule = () => new CronRule(each.cron, each.timezone ?? "UTC");
  switch (each.kind) {
    case "iterate": {
      if (/DISAGREES/.test(each.group))
        return "Prefect skips the repeated hour; ours fires in both, as Dagster's and Airflow's do";
      return () => {
        const expected: number[] = each.expected.map(({ epoch }: Case) => epoch * 1000);
        expect(ticksFrom(rule(), each.start ? each.start.epoch * 1000 : expected[0]!, expected.length)).toEqual(
          expected,
        );
        for (const [at, tick] of expected.entries()) {
          expect(rule().last(tick)).toBe(tick);
          if (at > 0)
            expect([rule().last(tick - 1), rule().next(expected[at - 1]! + 1000)]).toEqual([expected[at - 1], tick]);
        }
      };
    }
    case "minute_fidelity":
      return () => {
        const offset = ms(`${each.start.local.slice(0, 19)}Z`) - each.start.epoch * 1000;
        for (const tick of ticksFrom(rule(), each.start.epoch * 1000, each.count))
          expect(new Date(tick + offset).getUTCMinutes()).toBe(each.expected_minute_of_each_tick);
      };
    case "always_advances":
      return () => {
        for (let from = each.start.epoch + each.start_plus_seconds; from < each.until_epoch; from += each.step_seconds)
          expect(rule().next(from * 1000)!).toBeGreaterThan(from * 1000);
      };
    case "validate":
      return () =>
        void (each.valid
          ? new CronRule(each.cron, "UTC")
          : expect(() => new CronRule(each.cron, "UTC")).toThrow(expect.objectContaining({ code: "BAD_CRON" })));
    case "smallest_interval":
    case "smallest_interval_range":
      return () => {
        const ticks = ticksFrom(rule(), ms("2023-01-01T00:00Z"), 40);
        const smallest = Math.min(...ticks.slice(1).map((tick, at) => tick - ticks[at]!)) / 1000;
        expect(smallest).toBeGreaterThanOrEqual(each.expected_seconds ?? each.min_days * 86_400);
        expect(smallest).toBeLessThanOrEqual(each.expected_seconds ?? each.max_days * 86_400);
      };
    case "smallest_interval_error":
      return () => expect(rule).toThrow(expect.objectContaining({ code: "BAD_CRON" }));
    case "scheduler_catchup":
      return () => {
        const ticks = ticksFrom(rule(), each.schedule_started_at.epoch * 1000, 10).filter(
          (tick) => tick <= each.evaluated_at.epoch * 1000,
        );
        expect(ticks).toEqual(each.expected_ticks.map(({ epoch }: Case) => epoch * 1000));
        if (each.partition_for_tick && each.cron.startsWith("0 0 "))
          expect(lastClosedWindow(cron(each.cron, each.timezone), each.evaluated_at.epoch * 1e6)!.date).toBe(
            each.partition_for_tick,
          );
      };
    default:
      return REASONS[each.kind] ?? "unknown kind";
  }
}

function manualCheck({ timetable, ...each }: Case): Check {
  if (timetable.kind !== "cron_data_interval") return REASONS[timetable.kind] ?? "unknown kind";
  return () =>
    expectWindow(lastClosedWindow(cron(timetable.cron, timetable.timezone), ms(each.run_after) * 1000), each.expect);
}

function validationCheck({ timetable }: Case): Check {
  if (timetable.kind === "multiple_cron_trigger") return REASONS.multiple_cron_trigger!;
  const schedule = timetable.cron ? cron(timetable.cron, "UTC") : every(timetable.delta_seconds, "2025-01-01");
  return () =>
    expect(() => checkSchedule(schedule)).toThrow(
      expect.objectContaining({ code: timetable.cron ? "BAD_CRON" : "BAD_SCHEDULE" }),
    );
}

/** Which window comes next is the scheduler's; that what comes is a window, or a tick, of the schedule is checked here. */
function nextRunCheck({ timetable, ...each }: Case): Check {
  const expected: Case[] = each.expect_sequence ?? (each.expect === null ? [] : [each.expect]);
  if (expected.length === 0) return "that there is no next run is the scheduler's";
  switch (timetable.kind) {
    case "cron_data_interval":
      return () =>
        expected.forEach((window) =>
          expectWindow(windowOfInstant(cron(timetable.cron, timetable.timezone), ms(window.start) * 1000), window),
        );
    case "delta_data_interval":
      return () =>
        expected.forEach((window) =>
          expectWindow(
            windowOfInstant(every(timetable.delta_seconds, expected[0]!.start), ms(window.start) * 1000),
            window,
          ),
        );
    case "cron_trigger":
      return () =>
        expected.forEach(({ end }) =>
          expect(new CronRule(timetable.cron, timetable.timezone).last(ms(end))).toBe(ms(end)),
        );
    case "once":
      return () =>
        expected.forEach((window) =>
          expectWindow(
            windowOfInstant(
              { name: "schedule", kind: "preset", preset: "@once", timezone: "UTC" },
              ms(window.start) * 1000,
            ),
            window,
          ),
        );
    case "continuous":
      return "from one run to the next is the scheduler's";
    default:
      return REASONS[timetable.kind] ?? "unknown kind";
  }
}

function intervalCheck(each: Case): Check {
  if (each.kind === "interval_error")
    return () =>
      expect(() => checkSchedule(every(-3600, "2025-01-01"))).toThrow(
        expect.objectContaining({ code: "BAD_SCHEDULE" }),
      );
  if (!each.kind.startsWith("interval")) return REASONS.rrule!;
  const hours =
    /^PT(\d+)H$/.exec(each.interval ?? "")?.[1] ?? (each.interval === "P1D" && each.timezone === "UTC" ? 24 : null);
  return hours === null ? REASONS.interval! : () => checkInterval(each, Number(hours) * 3600);
}

function checkInterval(each: Case, seconds: number): void {
  const schedule = every(seconds, each.anchor ?? each.start);
  const ends = [windowOfInstant(schedule, ms(each.start) * 1000 - 1)!.end / 1000];
  while (ends.length < (each.expected?.length ?? 2))
    ends.push(windowOfInstant(schedule, ends.at(-1)! * 1000)!.end / 1000);
  if (each.expected) expect(ends).toEqual(each.expected.map(ms));
  else
    expect(
      new Intl.DateTimeFormat("en", { timeZone: each.timezone, hour: "numeric", hourCycle: "h23" }).format(ends[1]),
    ).toBe(String(each.expected_local_hour).padStart(2, "0"));
}

function expectWindow(window: { start: number; end: number } | null, { start, end }: Case): void {
  expect(window && [window.start / 1000, window.end / 1000]).toEqual([ms(start), ms(end)]);
}

const timetable = sharedCases("timetable.json");
const all: [string, Check][] = [
  ...(sharedCases("cron.json").cases ?? []).map((each, place): [string, Check] => [
    `cron ${cronName(each, place)}`,
    cronCheck(each),
  ]),
  ...(timetable.next_run_cases ?? []).map((each): [string, Check] => [`next run ${each.id}`, nextRunCheck(each)]),
  ...(timetable.manual_run_interval_cases ?? []).map((each): [string, Check] => [
    `manual ${each.id}`,
    manualCheck(each),
  ]),
  ...(timetable.validation_cases ?? []).map((each, place): [string, Check] => [
    `validation ${place}`,
    validationCheck(each),
  ]),
  ...[...(timetable.partition_cases ?? []), ...(timetable.partition_mapper_cases ?? [])].map(
    (each): [string, Check] => [
      `partition ${each.id ?? `${each.mapper} ${each.input}`}`,
      "partitions are not built yet",
    ],
  ),
  ...(sharedCases("interval-rrule.json").cases ?? []).map((each, place): [string, Check] => [
    `interval ${place} ${each.kind} ${each.interval ?? ""}`,
    intervalCheck(each),
  ]),
];

it("every case has a check, or a reason to be left out", () => {
  expect(all.filter(([, check]) => check === "unknown kind")).toEqual([]);
});

it.each(all.filter((each): each is [string, () => void] => typeof each[1] === "function"))("%s", (_, assertFact) =>
  assertFact(),
);

afterAll(() => {
  const leftOut = all.filter(([, check]) => typeof check === "string");
  console.log(
    `Left out of the schedule cases: ${leftOut.length} of ${all.length}\n${leftOut
      .map(([name, why]) => `  ${String(why)}: ${name}`)
      .toSorted()
      .join("\n")}`,
  );
});
