import { expect, test } from "vitest";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { ScheduleManifest } from "../core/schedule.ts";
import { windowsFor } from "./run-windows.ts";

const DAILY: ScheduleManifest = { name: "schedule", kind: "preset", preset: "@daily", timezone: "Europe/London" };
const manifest = (...schedules: ScheduleManifest[]) => ({ name: "w", schedules }) as unknown as WorkflowManifest;

test("a date is a window of the first schedule; without one, that day in UTC", () => {
  expect(windowsFor(manifest(DAILY), { date: "2025-08-12" })).toMatchObject([
    { date: "2025-08-12", timezone: "Europe/London", start: Date.UTC(2025, 7, 11, 23) * 1000 },
  ]);
  expect(windowsFor(manifest(), { date: "2025-08-12" })).toMatchObject([
    { date: "2025-08-12", timezone: "UTC", end: Date.UTC(2025, 7, 13) * 1000 },
  ]);
});

test("from and to are both included, in order, with and without a schedule", () => {
  for (const schedules of [[DAILY], []]) {
    expect(
      windowsFor(manifest(...schedules), { from: "2024-02-28", to: "2024-03-01" }).map(({ date }) => date),
    ).toEqual(["2024-02-28", "2024-02-29", "2024-03-01"]);
  }
});

test("without a date it is the last closed window, or nothing wide at this moment", () => {
  const [closed] = windowsFor(manifest(DAILY), {});
  expect(closed!.end).toBeLessThanOrEqual(Date.now() * 1000);
  expect(closed!.end).toBeGreaterThan((Date.now() - 25 * 3_600_000) * 1000);
  const [moment] = windowsFor(manifest(), {});
  expect(moment!.start).toBe(moment!.end);
});

test("dates that make no window are refused by name", () => {
  expect(() => windowsFor(manifest(), { from: "2025-02-02", to: "2025-02-01" })).toThrow(
    /"2025-02-02" is after "2025-02-01"/,
  );
  expect(() => windowsFor(manifest(), { date: "2025-02-01", from: "2025-02-01" })).toThrow(/either --date/);
  expect(() => windowsFor(manifest(), { from: "2025-02-01" })).toThrow(/go together/);
  for (const dates of [{ date: "2025-02-01" }, { from: "2025-02-01", to: "2025-02-01" }])
    expect(() => windowsFor(manifest(DAILY), { ...dates, partition: "2025-02-01" })).toThrow(/either dates, or/);
  expect(() => windowsFor(manifest(DAILY), { date: "tomorrow" })).toThrow(/"tomorrow" is not a date/);
  expect(() => windowsFor(manifest(), { from: "0001-01-01", to: "9999-01-01" })).toThrow(/more than 100000 days/);
});
