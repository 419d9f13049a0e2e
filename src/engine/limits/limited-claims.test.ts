import { expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { VersionRecord } from "../../store/store.ts";
import { sampleRun, sampleRunId, sampleVersion, T0 } from "../../testing/store-samples.ts";
import type { Claims } from "../claims.ts";
import type { GroupBuilder } from "../group-builder.ts";
import { LiveRun } from "../live-run.ts";
import { liveVersion } from "../live-version.ts";
import { recorded } from "../new-run.ts";
import { OfferDesk } from "../offer-desk.ts";
import type { SchedulerDeps } from "../scheduler-deps.ts";
import { SharedHost } from "../shared-host.ts";
import type { WorkerHost } from "../worker-host.ts";
import { LimitedClaims, type LimitedPort } from "./limited-claims.ts";

test("while the room in limits is read, nothing else takes the slots that it is read for", async () => {
  const { manifest, ...sample } = sampleVersion("limited", ["a"]);
  const tasks = manifest.tasks.map((task) => ({ ...task, pool: "small" }));
  const version = { ...sample, id: 1, workflow: "limited", taskIds: [1], manifest: { ...manifest, tasks } };
  const record = version as unknown as VersionRecord;
  const run = new LiveRun(liveVersion(record, ""), recorded(sampleRun(sampleRunId(1), 1), record, 1), []);
  const [instance] = decide(run.model, [{ kind: "begin" }], T0).queued;

  const { scheduled, offered } = new SharedHost({ name: "w", slots: 2, listen() {} } as unknown as WorkerHost);
  const during: number[] = [];
  const usage = async (names: readonly string[]) => {
    during.push(offered.slots);
    return names.map((name) => ({ name, used: 1, max: 1, freeInMs: null }));
  };
  const limits = { usage, held: async () => [], holders: async () => [] };
  const clock = { now: () => T0, at: () => () => {}, soon() {}, random: () => 0 };
  const claims = { isHeld: () => true };
  const deps = { store: { limits }, host: scheduled, clock, claims, holder: () => 1, queues: null };
  const committer = { patiently: (_: unknown, ask: () => unknown) => ask() };
  const port = { committer, dispatcher: { free: 2 }, wake() {}, arrive() {} };
  const limited = new LimitedClaims(deps as unknown as SchedulerDeps, port as unknown as LimitedPort);
  limited.desk.push({ run, instance: instance! }, false);

  await limited.tick({ draining: false, offers: new OfferDesk(), hasOthers: false } as unknown as Claims);

  expect(during).toEqual([0]);
  expect(offered.slots).toBe(2);
});

test("what the store leaves out of a claim stands in line again, and only the rest of it is started", async () => {
  const { manifest, ...sample } = sampleVersion("limited", ["a", "b"]);
  const tasks = manifest.tasks.map((task, place) => ({ ...task, pool: `pool ${place}` }));
  const version = { ...sample, id: 1, workflow: "limited", taskIds: [1, 2], manifest: { ...manifest, tasks } };
  const record = version as unknown as VersionRecord;
  const run = new LiveRun(liveVersion(record, ""), recorded(sampleRun(sampleRunId(1), 1), record, 1), []);
  const instances = decide(run.model, [{ kind: "begin" }], T0).queued;
  for (const [place, instance] of instances.entries()) instance.id = place + 1;

  const usage = async (names: readonly string[]) => names.map((name) => ({ name, used: 0, max: 1, freeInMs: null }));
  const limits = { usage, held: async () => [], holders: async () => [] };
  const clock = { now: () => T0, at: () => () => {}, soon() {}, random: () => 0 };
  const host = { name: "w", slots: 4, reserve: () => () => {} };
  const deps = { store: { limits }, host, clock, claims: { isHeld: () => true }, holder: () => 1, queues: null };
  const asked: number[] = [];
  const commit = async ([builder]: readonly GroupBuilder[]) => {
    asked.push(builder!.uses!.length);
    return [{ applied: true, ids: [], ...(asked.length === 1 && { refused: [2] }) }];
  };
  const applied: unknown[] = [];
  const started: number[] = [];
  const port = {
    committer: { patiently: (_: unknown, ask: () => unknown) => ask(), commit },
    dispatcher: { free: 4 },
    applied: ({ transitions }: GroupBuilder) => applied.push(transitions.map(({ instance }) => instance.id)),
    dispatch: async (ready: readonly { instance: { id: number } }[]) => {
      started.push(...ready.map(({ instance }) => instance.id));
    },
  };
  const limited = new LimitedClaims(deps as unknown as SchedulerDeps, port as unknown as LimitedPort);
  for (const instance of instances) limited.desk.push({ run, instance }, false);
  const claims = { draining: false, offers: new OfferDesk(), hasOthers: false } as unknown as Claims;

  await limited.tick(claims);
  expect([asked, applied, started]).toEqual([[2], [[1]], [1]]);
  expect(instances.map(({ state, claim }) => [state, claim])).toEqual([
    ["running", 1],
    ["queued", 0],
  ]);
  expect(limited.again).toBe(true);
  await limited.tick(claims);
  expect([asked, applied, started]).toEqual([
    [2, 1],
    [[1], [2]],
    [1, 2],
  ]);
});
