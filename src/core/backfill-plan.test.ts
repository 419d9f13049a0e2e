import { describe, expect, test } from "vitest";
import { sampleVersion } from "../testing/store-samples.ts";
import { backfillWindows } from "./backfill.ts";
import { type AskedBackfill, planBackfill, type PlannedBackfill } from "./backfill-plan.ts";
import type { WorkflowManifest } from "./manifest.ts";
import type { PartitionsManifest } from "./partition.ts";
import type { ScheduleManifest, ScheduleRuleManifest } from "./schedule.ts";

const NOW = Date.parse("2025-12-01T00:00Z") * 1000;
const HOURLY: ScheduleRuleManifest = { kind: "preset", preset: "@hourly", timezone: "Europe/London" };
const DAILY: ScheduleRuleManifest = { kind: "daily", at: "06:00", timezone: "Europe/London" };
const MONTHLY: ScheduleRuleManifest = { kind: "preset", preset: "@monthly", timezone: "UTC" };

function plan(rule: ScheduleRuleManifest, asked: AskedBackfill) {
  const schedules: ScheduleManifest[] = [
    { name: "first", ...rule },
    { name: "second", ...MONTHLY },
  ];
  return planBackfill({ ...sampleVersion("w", ["a"]).manifest, schedules }, asked, NOW);
}
/** Beginnings of the windows, in order. */
function starts(rule: ScheduleRuleManifest, asked: AskedBackfill, after?: number): string[] {
  const { plan: planned, total } = plan(rule, asked);
  const windows = [...backfillWindows(planned)];
  expect(windows.length).toBe(total);
  const from =
    after === undefined ? windows : [...backfillWindows(planned, { end: windows[after]!.end, count: after + 1 })];
  return from.map(({ start }) => new Date(start / 1000).toISOString().slice(0, 16));
}

describe("partitions", () => {
  test("a key is a date, a range of them, or several", () => {
    expect(starts(DAILY, { partition: "2025-01-02" })).toEqual(["2025-01-02T00:00"]);
    expect(starts(DAILY, { partition: "2025-01-02..2025-01-04" })).toHaveLength(3);
    const several = { partition: "2025-01-09, 2025-01-02..2025-01-03" };
    expect(starts(DAILY, several)).toEqual(["2025-01-02T00:00", "2025-01-03T00:00", "2025-01-09T00:00"]);
    expect(starts(DAILY, { ...several, order: "newest" })).toEqual([
      "2025-01-09T00:00",
      "2025-01-03T00:00",
      "2025-01-02T00:00",
    ]);
  });

  test("a date or a month stands for all windows that begin in it, an hour for one, also for the second of two equal ones", () => {
    expect(starts(HOURLY, { partition: "2025-03-30" })).toHaveLength(23);
    expect(starts(DAILY, { partition: "2024-02" })).toHaveLength(29);
    expect(starts(HOURLY, { partition: "2025-10-26-01:00" })).toEqual(["2025-10-26T00:00"]);
    expect(starts(HOURLY, { partition: "2025-10-26-01:00+0000" })).toEqual(["2025-10-26T01:00"]);
    expect(starts(HOURLY, { partition: "2025-10-26-00:00..2025-10-26-02:00" })).toHaveLength(4);
    expect(starts(MONTHLY, { partition: "2025-03-15" })).toEqual(["2025-03-01T00:00"]);
  });

  test.each(["", "tomorrow", "2025-01-09..2025-01-02", "2025-01-02..", "2025-13"])("%j is refused", (partition) => {
    expect(() => plan(DAILY, { partition })).toThrow(expect.objectContaining({ code: expect.any(String) }));
  });
});

describe("what follows a window", () => {
  test.each(["oldest", "newest"] as const)("%s first is the rest of the whole, wherever it goes on", (order) => {
    for (const asked of [
      { from: "2025-10-24", to: "2025-10-28", order },
      { partition: "2025-10-24,2025-10-26..2025-10-27", order },
    ]) {
      const all = starts(HOURLY, asked);
      for (const after of [0, 23, 24, 40, all.length - 1])
        expect(starts(HOURLY, asked, after)).toEqual(all.slice(after + 1));
    }
  });
});

describe("a backfill", () => {
  test("has the windows of the first schedule, or of the one that is named", () => {
    expect(plan(DAILY, { from: "2025-01-01", to: "2025-01-31" })).toMatchObject({
      plan: { schedule: { name: "first" }, order: "oldest", reprocess: "none", version: "latest" },
      maxActiveRuns: 10,
      total: 31,
    });
    expect(plan(DAILY, { from: "2025-01-01", to: "2025-01-31", schedule: "second" }).total).toBe(1);
  });

  test.each([
    [{ from: "2025-01-01", to: "2025-01-02", schedule: "third" }, "SCHEDULE_NOT_FOUND"],
    [{ from: "2025-01-01" }, "BAD_BACKFILL"],
    [{ from: "2025-01-01", to: "2025-01-02", partition: "2025-01-01" }, "BAD_BACKFILL"],
    [{ from: "2025-01-01", to: "2025-01-02", maxActiveRuns: 0 }, "BAD_BACKFILL"],
    [{ from: "2025-01-01", to: "2025-01-02", order: "both" as "oldest" }, "BAD_BACKFILL"],
    [{ from: "2025-01-02", to: "2025-01-01" }, "BAD_DATE"],
  ])("%j is refused with %s", (asked, code) => {
    expect(() => plan(DAILY, asked)).toThrow(expect.objectContaining({ code }));
  });
});

describe("partitions of what a workflow makes", () => {
  const REGIONS: PartitionsManifest = { kind: "static", keys: ["emea", "apac", "latam"] };
  const DAYS: PartitionsManifest = {
    kind: "time",
    expression: "0 0 * * *",
    timezone: "Europe/London",
    start: "2025-01-01",
    end: null,
    format: "%Y-%m-%d",
    endOffset: 0,
  };
  const BOTH: PartitionsManifest = { kind: "multi", dimensions: { day: DAYS, region: REGIONS } };

  /** A workflow that makes one asset for each of these. */
  function making(all: readonly PartitionsManifest[], schedules: readonly ScheduleManifest[], more: object = {}) {
    const { manifest } = sampleVersion("w", ["a"]);
    const assets = all.map((partitions, place) => ({ name: `asset ${place}`, partitions }));
    const task = { ...manifest.tasks[0]!, produces: assets.map(({ name }) => name), assets, ...more };
    return { ...manifest, schedules, tasks: [task] };
  }
  const keysOf = (planned: PlannedBackfill) =>
    Array.from(backfillWindows(planned.plan), ({ partition }) => partition?.key);
  const daily: ScheduleManifest = { name: "schedule", ...DAILY };

  test("are its windows where there is a list of them, with a schedule and without", () => {
    for (const schedules of [[], [daily]]) {
      const planned = planBackfill(making([REGIONS], schedules), { partition: "apac..latam,emea" }, NOW);
      expect(planned).toMatchObject({
        total: 3,
        plan: { from: "apac", to: "emea", schedule: { name: "(partitions)" } },
      });
      expect(keysOf(planned)).toEqual(["apac", "latam", "emea"]);
    }
    const planned = planBackfill(making([BOTH], [daily]), { partition: "2025-03-30|*", order: "newest" }, NOW);
    expect(keysOf(planned)).toEqual(["2025-03-30|latam", "2025-03-30|apac", "2025-03-30|emea"]);
    const [window] = backfillWindows(planned.plan);
    expect(window).toMatchObject({ date: "2025-03-30", timezone: "Europe/London" });
    expect((window!.end - window!.start) / 3_600_000_000).toBe(23);
  });

  test("in time alone are those of the schedule, and without one those of the asset", () => {
    const asked = { partition: "2025-01-02..2025-01-03" };
    expect(keysOf(planBackfill(making([DAYS], [daily]), asked, NOW))).toEqual([undefined, undefined]);
    expect(keysOf(planBackfill(making([DAYS], []), asked, NOW))).toEqual(["2025-01-02", "2025-01-03"]);
    expect(planBackfill(making([DAYS], []), { partition: "*" }, NOW).total).toBe(334);
    expect(planBackfill(making([DAYS, REGIONS], [daily]), { partition: "emea" }, NOW).total).toBe(1);
    const named = { partition: "2025-01-02", schedule: "schedule" };
    expect(keysOf(planBackfill(making([BOTH], [daily]), named, NOW))).toEqual([undefined]);
  });

  test("go on behind what was reached, in either order", () => {
    for (const order of ["oldest", "newest"] as const) {
      const { plan: planned, total } = planBackfill(
        making([BOTH], []),
        { partition: "2025-01-01..2025-01-09|*", order },
        NOW,
      );
      const all = Array.from(backfillWindows(planned), ({ partition }) => partition!.key);
      expect(all).toHaveLength(total);
      for (const count of [1, 3, 26, 27])
        expect(Array.from(backfillWindows(planned, { end: 0, count }), ({ partition }) => partition!.key)).toEqual(
          all.slice(count),
        );
    }
  });

  test("many in a row are kept as their first and last, and there is a limit", () => {
    const hours: PartitionsManifest = { ...DAYS, expression: "0 * * * *", format: "%Y-%m-%d-%H:%M" };
    const asked = { partition: "2025-01-01-00:00..2025-01-31-23:00" };
    const planned = planBackfill(making([{ ...hours, start: "2025-01-01-00:00" }], []), asked, NOW);
    expect(planned.total).toBe(31 * 24);
    expect(JSON.stringify(planned).length).toBeLessThan(1_000);
    const keys = Array.from({ length: 400 }, (_, place) => `k${place}`);
    const many: PartitionsManifest = {
      kind: "multi",
      dimensions: { a: { kind: "static", keys }, b: { kind: "static", keys } },
    };
    const code = expect.objectContaining({ code: "TOO_MANY_WINDOWS" });
    expect(() => planBackfill(making([many], []), { partition: "*|*" }, NOW)).toThrow(code);
  });

  test.each([
    ["different ones", making([REGIONS, BOTH], []), { partition: "emea" }, "PARTITIONS_DIFFER"],
    [
      "a task that depends on its past",
      making([REGIONS], [], { dependsOnPast: true }),
      { partition: "emea" },
      "BAD_BACKFILL",
    ],
    ["dates without a schedule", making([REGIONS], []), { from: "2025-01-01", to: "2025-01-02" }, "BACKFILL_EMPTY"],
    ["a key that is none", making([REGIONS], []), { partition: "mars" }, "PARTITION_UNKNOWN"],
    [
      "what it reads and does not make",
      making([REGIONS], [], { produces: undefined }),
      { partition: "emea" },
      "BACKFILL_EMPTY",
    ],
  ])("%s are refused", (_, manifest, asked, code) => {
    expect(() => planBackfill(manifest as WorkflowManifest, asked, NOW)).toThrow(expect.objectContaining({ code }));
  });
});
