import { expect, test } from "vitest";
import { RUN_STATES } from "../core/run-state.ts";
import { canTransition, ENDED_TASK_RUN_STATES, TASK_RUN_STATES, type TaskRunState } from "../core/task-run-state.ts";
import { checkRunStep, guardOf } from "./guard.ts";
import type { TaskRunChange } from "./store.ts";

const isRefused = (work: () => unknown): boolean => {
  try {
    work();
    return false;
  } catch {
    return true;
  }
};

test("a decision is refused exactly where the state table has no such step", () => {
  for (const from of TASK_RUN_STATES) {
    for (const to of ["queued", "skipped", "upstream_failed", "cancelled", "failed", "removed"] as const) {
      const change: TaskRunChange = { id: 1, claim: 0, kind: "decide", from, to, at: 0, error: null, skipReason: null };
      expect([from, to, isRefused(() => guardOf(change))]).toEqual([from, to, !canTransition(from, to)]);
    }
  }
});

test("only an ended task run is opened again", () => {
  for (const from of TASK_RUN_STATES) {
    const change: TaskRunChange = {
      id: 1,
      claim: 0,
      kind: "reopen",
      from,
      generation: 2,
      groupRetries: [],
      discarded: 0,
      at: 0,
    };
    expect(isRefused(() => guardOf(change))).toBe(!(ENDED_TASK_RUN_STATES as readonly TaskRunState[]).includes(from));
  }
});

test("a run may start and end within one commit", () => {
  for (const to of RUN_STATES) expect(isRefused(() => checkRunStep("r", "queued", to, false))).toBe(false);
  expect(isRefused(() => checkRunStep("r", "running", "queued", false))).toBe(true);
});

test("an ended run goes on in a new generation, however quickly that ends, and in no other way", () => {
  for (const from of ["succeeded", "failed", "cancelled"] as const) {
    for (const to of RUN_STATES) {
      expect(isRefused(() => checkRunStep("r", from, to, true))).toBe(false);
      expect(isRefused(() => checkRunStep("r", from, to, false))).toBe(to !== from);
    }
  }
});
