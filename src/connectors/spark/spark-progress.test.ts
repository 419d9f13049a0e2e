import { expect, test } from "vitest";
import { sparkProgress } from "./spark-progress.ts";
import type { UiJob, UiStage } from "./spark-ui.ts";

const job = (jobId: number, status: UiJob["status"], numTasks: number, done: number, skipped = 0): UiJob => ({
  jobId,
  name: `sum at a.py:${jobId}`,
  status,
  numTasks,
  numCompletedTasks: done,
  numSkippedTasks: skipped,
});
const stage = (stageId: number, numTasks: number, done: number): UiStage => ({
  stageId,
  attemptId: 0,
  name: "",
  status: "ACTIVE",
  numTasks,
  numCompleteTasks: done,
});

test("tasks of all known jobs count, skipped ones as done", () => {
  const jobs = [job(1, "RUNNING", 10, 3, 4), job(0, "SUCCEEDED", 5, 5)];
  expect(sparkProgress({ applicationId: "a", jobs, active: [stage(2, 6, 3)], failed: [] })).toEqual({
    done: 12,
    total: 15,
    note: "job 1: sum at a.py:1; stage 2: 3/6",
  });
});

test("a stage that was tried again does not make more than everything", () => {
  expect(sparkProgress({ applicationId: "a", jobs: [job(0, "SUCCEEDED", 5, 9)], active: [], failed: [] })).toEqual({
    done: 5,
    total: 5,
    note: "1 of 1 jobs done",
  });
});

test("before the first job there is nothing to show", () => {
  expect(sparkProgress({ applicationId: "a", jobs: [], active: [], failed: [] })).toBeNull();
});
