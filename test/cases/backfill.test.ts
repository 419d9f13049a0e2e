import { describe, expect } from "vitest";
import {
  type BackfillJudgement,
  type BackfillPlan,
  type BackfillRange,
  backfillWindows,
  checkBackfill,
  judgeWindow,
  type WindowFound,
} from "../../src/core/backfill.ts";
import type { ScheduleManifest } from "../../src/core/schedule.ts";
import { KnownBackfill } from "../../src/engine/backfill/known-backfill.ts";
import { previewBackfill } from "../../src/owner/backfill-preview.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { sampleGroup, sampleRunId, sampleVersion } from "../../src/testing/store-samples.ts";
import { type Check, checkCases, UNKNOWN } from "../support/case-list.ts";
import { type SharedCase as Case, sharedCases } from "../support/shared-cases.ts";

const DAILY: ScheduleManifest = { name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" };
const NOW = Date.parse("2030-01-01T00:00Z") * 1000;

/** Airflow's words, and ours. */
const REPROCESS: Record<string, "none" | "failed" | "all"> = { none: "none", failed: "failed", completed: "all" };
const OUTCOMES: Record<string, WindowFound> = {
  success: { row: { state: "run", lastOutcome: "succeeded" }, unfinished: false },
  failed: { row: { state: "run", lastOutcome: "failed" }, unfinished: false },
  running: { row: { state: "run", lastOutcome: null }, unfinished: true },
  queued: { row: { state: "run", lastOutcome: null }, unfinished: true },
};
const NEVER: WindowFound = { row: null, unfinished: false };

const rangeOf = (each: Case): BackfillRange => ({
  schedule: DAILY,
  from: each.from,
  to: each.to,
  order: each.reverse ? "newest" : "oldest",
});

/** As a user meets it: runs of before in a real store, the preview of the command line, and the steps that it foretells. */
async function daily(each: Case): Promise<void> {
  const store = await openSqliteStore({ path: ":memory:" });
  const sample = sampleVersion("days", ["a"], "1", { latest: true });
  const version = await store.registerVersion({ ...sample, manifest: { ...sample.manifest, schedules: [DAILY] } });
  let runs = 0;
  const step = async (id: string, plan: BackfillPlan) => {
    const by = { createdAt: NOW, createdBy: "ada", versionId: null, maxActiveRuns: 100, total: 100 };
    const known = new KnownBackfill(await store.backfills.create({ id, workflow: "days", plan, ...by }));
    const code = { version, input: undefined, parsed: { params: null, lists: null } };
    const windows = known.candidates(known.next(100), code, { now: NOW, newId: () => sampleRunId(++runs) });
    const limits = { maxActive: null, past: [] };
    const more = { revision: 0, versionId: version.id, exhausted: true, limits, yields: true, now: NOW };
    const { judged } = await store.backfills.step({ id, windows, ...more });
    return judged.map((judgement, place) => ({ date: windows[place]!.window.date, ...judgement }));
  };
  const before = [
    ...Object.entries((each.existing ?? {}) as Record<string, string>),
    ...((each.existing_runs_in_flight ?? []) as string[]).map((date) => [date, "running"] as const),
  ];
  const plan: BackfillPlan = { ...rangeOf(each), reprocess: REPROCESS[each.reprocess]!, version: "latest" };
  for (const [place, [date, state]] of before.entries()) {
    await step(`before ${place}`, { ...plan, from: date, to: date, reprocess: "none" });
    const outcome = OUTCOMES[state]!.row!.lastOutcome;
    const change = outcome === null ? ({ state: "running" } as const) : { state: outcome, endedAt: NOW };
    await store.commit([sampleGroup(sampleRunId(runs), 1, { run: change })]);
  }
  const previewed: ({ date: string } & BackfillJudgement)[] = [];
  for await (const { window, ...judgement } of previewBackfill(store.reader(), "days", plan, NOW))
    previewed.push({ date: window.date, ...judgement });
  expectDaily(each, previewed);
  expect(await step("asked for", plan)).toEqual(previewed);
  await store.close();
}

function expectDaily(each: Case, judged: readonly ({ readonly date: string } & BackfillJudgement)[]): void {
  const runs = judged.filter(({ action }) => action === "run");
  if (each.expect_run_dates) expect(runs.map(({ date }) => date)).toEqual(each.expect_run_dates);
  if (each.expect_num_runs) expect(runs).toHaveLength(each.expect_num_runs);
  const skipped = judged
    .filter(({ action }) => action === "skip")
    .map(({ date, reason }) => [date, reason.replace("_", " ")]);
  expect(Object.fromEntries(skipped)).toEqual(each.expect_skip_reason ?? {});
}

/** Airflow takes the bounds as instants in UTC and names a window by its UTC date; ours are window dates in the schedule's zone. */
function inZone(each: Case): void {
  const [, expression, timezone] = /^CronPartition (.*) (\S+)$/.exec(each.schedule)!;
  const schedule: ScheduleManifest = {
    name: "schedule",
    kind: "cron",
    expressions: [expression!],
    timezone: timezone!,
  };
  const [from, to] = [Date.parse(each.from) * 1000, Date.parse(each.to) * 1000];
  const windows = [
    ...backfillWindows({ schedule, from: each.from, to: each.to, order: each.reverse ? "newest" : "oldest" }),
  ].filter(({ start }) => start >= from && start < to);
  const utc = (start: number): string => new Date(start / 1000).toISOString();
  const existing: string[] = each.existing_partition_keys;
  const judged = windows.filter((window) => {
    const there = existing.includes(utc(window.start).slice(0, 19));
    return judgeWindow(window, there ? OUTCOMES.success! : NEVER, "none", NOW).action === "run";
  });
  expect(judged.map(({ start }) => utc(start).slice(0, 10))).toEqual(each.expect_partition_dates_utc);
}

function check(each: Case): Check {
  if (each.any_task_depends_on_past)
    return () =>
      expect(() =>
        checkBackfill({ ...rangeOf({ from: "2021-01-01", to: "2021-01-05" }), order: "newest" }, true),
      ).toThrow(expect.objectContaining({ code: "BACKFILL_NEWEST_FIRST" }));
  if (each.schedule?.startsWith("CronPartition")) return () => inZone(each);
  if (each.schedule === "@daily") return () => daily(each);
  return UNKNOWN;
}

const cases = sharedCases("backfill.json");

describe("backfill", () =>
  checkCases("backfill", [
    ...(cases.backfill ?? []).map((each): [string, Check] => [each.id, check(each)]),
    ...(cases.depends_on_past ?? []).map((each): [string, Check] => [
      each.id,
      "whether a task's past allows it to start is decided by the engine, with the run before it; not by schedules or backfill",
    ]),
  ]));
