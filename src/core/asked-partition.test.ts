import { expect, test } from "vitest";
import { sampleVersion } from "../testing/store-samples.ts";
import { askedPartition } from "./asked-partition.ts";
import type { PartitionsManifest } from "./partition.ts";
import type { ScheduleManifest } from "./schedule.ts";

const NOW = Date.UTC(2025, 11, 1) * 1000;
const DAILY: ScheduleManifest = { name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" };
const HOURLY: ScheduleManifest = { ...DAILY, preset: "@hourly" };
const REGIONS: PartitionsManifest = { kind: "static", keys: ["emea", "apac", "a, b"] };
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

function asked(key: string, all: readonly PartitionsManifest[], schedules: readonly ScheduleManifest[] = []) {
  const { manifest } = sampleVersion("w", ["a"]);
  const assets = all.map((partitions, place) => ({ name: `asset ${place}`, partitions }));
  const task = { ...manifest.tasks[0]!, produces: assets.map(({ name }) => name), assets };
  return askedPartition({ ...manifest, schedules, tasks: [task] }, key, NOW);
}

test("a partition in time covers its window, and any other nothing, at the moment when its run is made", () => {
  expect(asked("2025-03-30", [DAYS])).toEqual({
    start: Date.UTC(2025, 2, 30) * 1000,
    end: Date.UTC(2025, 2, 30, 23) * 1000,
    date: "2025-03-30",
    timezone: "Europe/London",
    partition: "2025-03-30",
  });
  const nothing = { start: NOW, end: NOW, date: "2025-12-01", timezone: "UTC" };
  expect(asked("apac", [REGIONS])).toEqual({ ...nothing, partition: "apac" });
  expect(asked("a, b", [REGIONS], [DAILY])).toEqual({ ...nothing, partition: "a, b" });
  for (const key of ["2025-03-30|apac", "region=apac|day=2025-03-30", " 2025-03-30 | apac "])
    expect(asked(key, [BOTH], [DAILY])).toMatchObject({ partition: "2025-03-30|apac", date: "2025-03-30" });
});

test("where a workflow's partitions are its windows, the key is that of one, and the run has none of its own", () => {
  const day = { start: Date.UTC(2025, 2, 30) * 1000, end: Date.UTC(2025, 2, 31) * 1000, date: "2025-03-30" };
  expect(asked("2025-03-30", [DAYS], [DAILY])).toEqual({ ...day, timezone: "UTC" });
  expect(asked("2025-03-30", [], [DAILY])).toEqual({ ...day, timezone: "UTC" });
  expect(asked("2025-03-30-14:00", [], [HOURLY])).toMatchObject({ start: Date.UTC(2025, 2, 30, 14) * 1000 });
});

test.each([
  ["a key that is none", "mars", [REGIONS], [], "PARTITION_UNKNOWN", /"mars".*"emea", "apac"/],
  ["no key", "", [REGIONS], [], "PARTITION_UNKNOWN", /""/],
  ["half a key", "apac", [BOTH], [], "PARTITION_UNKNOWN", /2 parts: day\|region/],
  ["a day before the first", "2024-12-31", [DAYS], [], "PARTITION_UNKNOWN", /begin at 2025-01-01/],
  ["a day that has not ended", "2025-12-01", [DAYS], [], "PARTITION_UNKNOWN", /"2025-12-01", or not yet/],
  ["a part that has not ended", "2025-12-01|apac", [BOTH], [], "PARTITION_UNKNOWN", /"2025-12-01\|apac", or not yet/],
  ["a date that is none", "2025-02-30", [], [DAILY], "BAD_DATE", /2025-02-30/],
  [
    "several",
    "emea,apac",
    [REGIONS],
    [],
    "PARTITION_NOT_ONE",
    /more than one.*tutti backfill w --partition "emea,apac"/,
  ],
  ["a month of days", "2025-03", [], [DAILY], "PARTITION_NOT_ONE", /more than one/],
  ["all of a dimension", "day=2025-03-30", [BOTH], [], "PARTITION_NOT_ONE", /more than one/],
  ["backwards", "apac..emea", [REGIONS], [], "PARTITION_OUT_OF_RANGE", /after/],
  ["assets that are cut in different ways", "emea", [REGIONS, DAYS], [], "PARTITIONS_DIFFER", /"asset 0"; "asset 1"/],
  ["a workflow without any", "emea", [], [], "PARTITIONS_NONE", /"w" has no partitions/],
] as const)("%s: %j is refused", (_, key, all, schedules, code, message) => {
  expect(() => asked(key, all, schedules)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
  );
});
