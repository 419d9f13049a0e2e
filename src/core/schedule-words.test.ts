import { expect, test } from "vitest";
import type { ScheduleManifest } from "./schedule.ts";
import { comingRuns } from "./schedule-preview.ts";
import { clockChangeWords } from "./schedule-words.ts";

const said = (preset: "@daily" | "@quarterly" | "@yearly", after: string): string[] => {
  const schedule: ScheduleManifest = { name: "schedule", kind: "preset", preset, timezone: "Europe/London" };
  const runs = comingRuns({ schedule, start: null, end: null, lateMs: 0 }, Date.parse(after), 1);
  return runs.flatMap((run) => clockChangeWords(schedule, run));
};

test("a window is said to be long or short only where the clocks do not come back to where they were", () => {
  expect(said("@quarterly", "2026-11-01T00:00Z")).toEqual([
    "Europe/London falls back from 02:00 to 01:00 on 2026-10-25: the window is 92 d 1 h long, which the clocks show as 92 d.",
  ]);
  expect(said("@daily", "2026-03-29T12:00Z")).toEqual([
    "Europe/London jumps from 01:00 to 02:00 on 2026-03-29: the window is 23 h long, which the clocks show as 1 d.",
  ]);
  expect(said("@yearly", "2026-11-01T00:00Z")).toEqual([]);
});
