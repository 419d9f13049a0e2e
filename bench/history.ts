import { randomBytes } from "node:crypto";
import { systemClock } from "../src/core/clock.ts";
import { runIdFrom } from "../src/core/run-id.ts";
import type { NewAttempt, NewTaskRun, RunGroup, Store, VersionRecord } from "../src/store/store.ts";

const RUNS_PER_COMMIT = 500;
const RUN_TIME_US = 1_000;

/** Fills a store with runs of a workflow that have succeeded, and answers when it has this many task runs more. */
export async function fillHistory(store: Store, version: VersionRecord, taskRuns: number): Promise<void> {
  const runs = Math.ceil(taskRuns / version.taskIds.length);
  const first = systemClock.now() - (runs + 1) * RUN_TIME_US;
  for (let done = 0; done < runs; done += RUNS_PER_COMMIT) {
    const count = Math.min(RUNS_PER_COMMIT, runs - done);
    await store.commit(
      Array.from({ length: count }, (_, place) => pastRun(version, first + (done + place) * RUN_TIME_US)),
    );
  }
}

function pastRun({ id: versionId, taskIds }: VersionRecord, startedAt: number): RunGroup {
  const endedAt = startedAt + RUN_TIME_US;
  const runId = runIdFrom(startedAt, randomBytes(10));
  const window = { intervalStart: startedAt, intervalEnd: startedAt, date: "2026-01-01", timezone: "UTC" };
  const params = { paramsInput: null, params: null, paramsLists: null };
  return {
    runId,
    revision: 0,
    create: {
      id: runId,
      versionId,
      state: "running",
      generation: 1,
      trigger: "manual",
      createdAt: startedAt,
      ...window,
      ...params,
    },
    run: { state: "succeeded", startedAt, endedAt },
    inserts: taskIds.map((taskId) => pastTaskRun(taskId, startedAt, endedAt)),
    changes: [],
    attempts: taskIds.map((_, place) => pastAttempt(place, versionId, startedAt, endedAt)),
    drawers: [],
  };
}

const pastTaskRun = (taskId: number, startedAt: number, endedAt: number): NewTaskRun => ({
  taskId,
  mapIndex: null,
  state: "succeeded",
  claim: 1,
  attempt: 1,
  generation: 1,
  worker: "bench",
  queuedAt: startedAt,
  claimedAt: startedAt,
  endedAt,
  error: null,
  skipReason: null,
});

const pastAttempt = (insert: number, versionId: number, startedAt: number, endedAt: number): NewAttempt => ({
  taskRun: { insert },
  generation: 1,
  attempt: 1,
  claim: 1,
  worker: "bench",
  versionId,
  waitedFor: null,
  queuedAt: startedAt,
  claimedAt: startedAt,
  startedAt,
  endedAt,
  outcome: "succeeded",
  error: null,
});
