import { expect, test } from "vitest";
import { sampleRun, sampleRunId, sampleVersion, T0 } from "../testing/store-samples.ts";
import type { VersionRecord } from "../store/store.ts";
import { LiveRun } from "./live-run.ts";
import { liveVersion } from "./live-version.ts";
import { recorded } from "./new-run.ts";
import { Scheduler } from "./scheduler.ts";
import type { SchedulerDeps } from "./scheduler-deps.ts";

test("an ended run of which something is asked that opens nothing is not held any longer", async () => {
  const version = { ...sampleVersion("daily", ["a"]), id: 1, workflow: "daily", taskIds: [1] };
  const record = { ...recorded(sampleRun(sampleRunId(1), 1), version as unknown as VersionRecord, 1) };
  const ended = { ...record, state: "failed", endedAt: T0 } as const;
  const run = new LiveRun(liveVersion(version as unknown as VersionRecord, ""), ended, []);

  const over: LiveRun[] = [];
  const clock = { now: () => T0, at: () => () => {}, soon: setImmediate, random: () => 0 };
  const deps = {
    clock,
    host: { name: "w", slots: 1, reserve: () => () => {} },
    holder: () => undefined,
    claims: { isHeld: () => true },
    queues: null,
    notify() {},
    onWaits() {},
    onEnd: (one: LiveRun) => over.push(one),
  };
  const scheduler = new Scheduler(deps as unknown as SchedulerDeps);
  let overtaken = 0;
  // As it was before it was opened, and ended, once more.
  scheduler.arrive(run, { kind: "retry", fresh: false, generation: 0, overtaken: () => overtaken++ });
  await scheduler.settled();
  expect([overtaken, over]).toEqual([1, [run]]);
});
