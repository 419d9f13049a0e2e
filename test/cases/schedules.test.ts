import { describe, expect } from "vitest";
import { cron, dates, every, previewSchedule, rrule, type Schedule, type ScheduledRun } from "tutti";
import { nextRun, type NextRunFacts } from "tutti/testing";
import { readSchedule } from "../../src/authoring/schedule.ts";
import { CronRule } from "../../src/core/cron.ts";
import { lastClosedWindow } from "../../src/core/window.ts";
import { type Check, checkCases, UNKNOWN } from "../support/case-list.ts";
import { type SharedCase as Case, sharedCases } from "../support/shared-cases.ts";

const ms = (iso: string): number => Date.parse(iso);
const code = (name: string) => expect.objectContaining({ code: name });

/** Epoch milliseconds of the runs that fire at `from` or after it. */
const firesFrom = (schedule: Schedule, from: number, count: number): number[] =>
  previewSchedule(schedule, { after: new Date(from - 1), count }).map(({ fireAt }) => fireAt.getTime());

function iterateCheck(each: Case): Check {
  if (/DISAGREES/.test(each.group))
    return "Prefect skips the repeated hour; ours fires in both, as Dagster's and Airflow's do";
  return () => {
    const expected: number[] = each.expected.map(({ epoch }: Case) => epoch * 1000);
    const rule = new CronRule(each.cron, each.timezone);
    const start = each.start ? each.start.epoch * 1000 : expected[0]!;
    expect(firesFrom(cron(each.cron, { timezone: each.timezone }), start, expected.length)).toEqual(expected);
    for (const [at, tick] of expected.entries()) {
      expect(rule.last(tick)).toBe(tick);
      if (at > 0) expect([rule.last(tick - 1), rule.next(expected[at - 1]! + 1000)]).toEqual([expected[at - 1], tick]);
    }
  };
}

function cronCheck(each: Case): Check {
  const schedule = () => cron(each.cron, { timezone: each.timezone ?? "UTC" });
  switch (each.kind) {
    case "iterate":
      return iterateCheck(each);
    case "minute_fidelity":
      return () => {
        const offset = ms(`${each.start.local.slice(0, 19)}Z`) - each.start.epoch * 1000;
        for (const tick of firesFrom(schedule(), each.start.epoch * 1000, each.count))
          expect(new Date(tick + offset).getUTCMinutes()).toBe(each.expected_minute_of_each_tick);
      };
    case "always_advances":
      return () => {
        const rule = new CronRule(each.cron, each.timezone);
        for (let from = each.start.epoch + each.start_plus_seconds; from < each.until_epoch; from += each.step_seconds)
          expect(rule.next(from * 1000)!).toBeGreaterThan(from * 1000);
      };
    case "validate":
      return () => void (each.valid ? schedule() : expect(schedule).toThrow(code("BAD_CRON")));
    case "smallest_interval":
    case "smallest_interval_range":
      return () => {
        const ticks = firesFrom(schedule(), ms("2023-01-01T00:00Z"), 40);
        const smallest = Math.min(...ticks.slice(1).map((tick, at) => tick - ticks[at]!)) / 1000;
        expect(smallest).toBeGreaterThanOrEqual(each.expected_seconds ?? each.min_days * 86_400);
        expect(smallest).toBeLessThanOrEqual(each.expected_seconds ?? each.max_days * 86_400);
      };
    case "smallest_interval_error":
      return () => expect(schedule).toThrow(code("BAD_CRON"));
    case "count_between":
      return () => {
        const runs = (count: number) =>
          previewSchedule(schedule(), { after: new Date(ms(each.start) - 1), end: each.end, count });
        expect([runs(each.expected_count_value).length, runs(100_000).length]).toEqual([
          each.expected_count_value,
          (ms(each.end) - ms(each.start)) / 86_400_000 + 1,
        ]);
      };
    case "scheduler_catchup":
      return () => {
        const ticks = firesFrom(schedule(), each.schedule_started_at.epoch * 1000, 10).filter(
          (tick) => tick <= each.evaluated_at.epoch * 1000,
        );
        expect(ticks).toEqual(each.expected_ticks.map(({ epoch }: Case) => epoch * 1000));
        const last = lastClosedWindow(readSchedule(schedule(), "schedule", ""), each.evaluated_at.epoch * 1e6)!;
        if (each.partition_for_tick && each.cron.startsWith("0 0 ")) expect(last.date).toBe(each.partition_for_tick);
      };
    default:
      return UNKNOWN;
  }
}

/** An Airflow timetable as a schedule of ours; an interval is counted from where Airflow counts it. */
function scheduleOf(timetable: Case, anchor: string | undefined): Schedule {
  switch (timetable.kind) {
    case "cron_data_interval":
    case "cron_trigger":
      return cron(timetable.cron, { timezone: timetable.timezone });
    case "multiple_cron_trigger":
      return cron(timetable.crons, { timezone: timetable.timezone });
    case "delta_data_interval":
    case "delta_trigger":
      return every(timetable.delta_seconds * 1000, anchor === undefined ? {} : { anchor });
    case "events":
      return dates(timetable.event_dates);
    default:
      return timetable.kind === "once" ? "@once" : "@continuous";
  }
}

const windowText = (run: ScheduledRun | null) =>
  run && { start: run.window.start.getTime(), end: run.window.end.getTime() };
const expectedWindow = (window: Case | null) => window && { start: ms(window.start), end: ms(window.end) };

function nextRunCheck(each: Case): Check {
  const { timetable, restriction, last_interval: last = null, now } = each;
  const trigger = timetable.kind.endsWith("_trigger");
  const past = each.expect && now && ms(each.expect.end) < ms(now);
  if (last === null && now !== null && past && !restriction.catchup)
    return "enabling never starts a run at once: a departure";
  if (each.group === "run_immediately" && past) return "enabling never starts a run at once: a departure";
  if (timetable.kind === "delta_trigger" && past === false && ms(each.expect.end) === ms(now) && last)
    return "Airflow counts an interval from the last run, whenever that was; ours from its anchor";
  if (timetable.kind === "events" && last && !restriction.catchup && each.expect === null)
    return "a date that passed while no scheduler was up is owed, the latest of them; Airflow forgets it";
  return () => {
    const [start, end] = [restriction.start_date ?? "", last?.end ?? ""];
    const schedule = scheduleOf(timetable, (start > end ? start : end) || undefined);
    const facts: NextRunFacts = {
      now,
      start: restriction.start_date,
      end: restriction.end_date,
      catchup: restriction.catchup,
    };
    if (each.expect_sequence) expectSequence(schedule, facts, each.expect_sequence);
    else {
      const run = nextRun(schedule, { ...facts, last });
      if (trigger) expectTick(run, each);
      else expect(windowText(run)).toEqual(expectedWindow(each.expect));
      if (each.expect_run_after) expect(run?.fireAt.getTime()).toBe(ms(each.expect_run_after));
    }
  };
}

function expectSequence(schedule: Schedule, facts: NextRunFacts, expected: readonly Case[]): void {
  let last: ScheduledRun["window"] | null = null;
  for (const window of expected) {
    const run: ScheduledRun | null = nextRun(schedule, { ...facts, last });
    expect(windowText(run)).toEqual(expectedWindow(window));
    last = run!.window;
  }
}

/** A tick of Airflow's has no window; ours ends one. The first one after `start` only begins one: what is before it is not inside. */
function expectTick(run: ScheduledRun | null, { expect: tick, restriction }: Case): void {
  const first = restriction.start_date !== null && run!.window.start.getTime() === ms(tick.end);
  expect(first ? run!.window.start.getTime() : run!.fireAt.getTime()).toBe(ms(tick.end));
}

function manualCheck({ timetable, ...each }: Case): Check {
  if (timetable.kind === "events" && !timetable.restrict_to_events)
    return "a run by hand covers the last date that passed, not the moment it was asked for";
  if (timetable.kind === "events" && ms(each.run_after) < ms(each.expect.start))
    return "before the first date a run by hand covers the present moment, not the future";
  return () => {
    const found = lastClosedWindow(
      readSchedule(scheduleOf(timetable, undefined), "schedule", ""),
      ms(each.run_after) * 1000,
    );
    expect(found && { start: found.start / 1000, end: found.end / 1000 }).toEqual(expectedWindow(each.expect));
  };
}

const validationCheck =
  ({ timetable }: Case): Check =>
  () =>
    expect(() => scheduleOf(timetable, undefined)).toThrow(
      code(expect.stringMatching(/^BAD_(CRON|SCHEDULE|DURATION)$/) as never),
    );

function intervalOf(each: Case): Schedule {
  const [, days, hours] = /^P(?:(\d+)D)?(?:T(\d+)H)?$/.exec(each.interval)!;
  const [anchor, timezone] = [each.anchor ?? each.start, each.timezone ?? "UTC"];
  return days === undefined
    ? every(`${hours}h`, { anchor, timezone })
    : every(`${days}d`, { anchor, timezone, calendar: true });
}

function rruleOf(each: Case): Schedule {
  const start = each.dtstart === undefined ? "" : `DTSTART:${each.dtstart.slice(0, 19).replaceAll(/[-:]/g, "")}\n`;
  return rrule(start + each.rrule, each.timezone === undefined ? {} : { timezone: each.timezone });
}

function intervalCheck(each: Case): Check {
  switch (each.kind) {
    case "interval":
      return () =>
        expect(firesFrom(intervalOf(each), ms(each.start), each.expected.length)).toEqual(each.expected.map(ms));
    case "interval_second_local_hour":
      return () => {
        const second = firesFrom(intervalOf(each), ms(each.start), 2)[1];
        const hour = new Intl.DateTimeFormat("en", { timeZone: each.timezone, hour: "numeric", hourCycle: "h23" });
        expect(Number(hour.format(second))).toBe(each.expected_local_hour);
      };
    case "interval_property": {
      const [anchor, seconds, start] = /anchor ([\d.]+).*interval (\d+) s, start ([\d.]+)/
        .exec(each.property)!
        .slice(1)
        .map(Number);
      return () => {
        const found = previewSchedule(every(seconds! * 1000, { anchor: new Date(anchor! * 1000) }), {
          after: new Date(start! * 1000),
          count: 4,
        });
        for (const { fireAt } of found) expect(fireAt.getTime()).toBeGreaterThan(start! * 1000);
      };
    }
    case "interval_error":
      return () => expect(() => every("-1h")).toThrow(code("BAD_DURATION"));
    case "rrule":
      return () => expect(firesFrom(rruleOf(each), ms(each.start), each.n)).toEqual(each.expected.map(ms));
    case "rrule_property":
      return () => {
        const runs = () =>
          previewSchedule(rruleOf(each), { after: new Date(ms(each.start) - 1), end: each.end, count: 100 }).map(
            ({ fireAt }) => fireAt.toISOString().slice(0, 10),
          );
        expect([runs(), runs()]).toEqual([each.expected_dates, each.expected_dates]);
      };
    case "rrule_count":
      return () => expect(firesFrom(rruleOf(each), ms(each.start), each.n)).toHaveLength(each.expected_count);
    case "rrule_error":
      return () => expect(() => rruleOf(each)).toThrow(code("BAD_RRULE"));
    default:
      return UNKNOWN;
  }
}

const timetable = sharedCases("timetable.json");

describe("schedules", () =>
  checkCases("schedule", [
    ...(sharedCases("cron.json").cases ?? []).map((each, place): [string, Check] => [
      `cron ${place} ${each.kind} ${each.group ?? ""} ${JSON.stringify(each.cron)} ${each.timezone ?? ""}`,
      cronCheck(each),
    ]),
    ...(timetable.next_run_cases ?? []).map((each): [string, Check] => [`next run ${each.id}`, nextRunCheck(each)]),
    ...(timetable.manual_run_interval_cases ?? []).map((each): [string, Check] => [
      `by hand ${each.id}`,
      manualCheck(each),
    ]),
    ...(timetable.validation_cases ?? []).map((each, place): [string, Check] => [
      `validation ${place}`,
      validationCheck(each),
    ]),
    ...(sharedCases("interval-rrule.json").cases ?? []).map((each, place): [string, Check] => [
      `interval ${place} ${each.kind} ${each.interval ?? each.rrule ?? ""}`,
      intervalCheck(each),
    ]),
  ]));
