import { expect, test } from "vitest";
import type { RunDetail, TaskRun } from "../api/runs.ts";
import { runEvents } from "./run-events.ts";

const AT = "2026-11-23T01:30:00.000Z";

test("what happened in one millisecond stands in the order in which it happens", () => {
  const run = { workflow: "nightly", state: "succeeded", createdAt: AT, startedAt: AT, endedAt: AT, trigger: "manual" };
  const row = { id: 1, claim: 1, task: "load", mapIndex: null, state: "succeeded", worker: "here" };
  const taskRun = { ...row, queuedAt: AT, claimedAt: AT, startedAt: AT, endedAt: AT, skipReason: null, error: null };
  const attempt = { ...taskRun, taskRunId: 1, attempt: 1, outcome: "succeeded" };
  const told = runEvents(run as unknown as RunDetail, [taskRun as unknown as TaskRun], [attempt as never]);
  expect(told.map(({ what, state }) => `${what} ${state}`)).toEqual([
    "nightly was accepted queued",
    "nightly began running",
    "load queued",
    "load running",
    "load succeeded",
    "nightly ended succeeded",
  ]);
  expect(told.at(-2)?.more).toBe("");
});
