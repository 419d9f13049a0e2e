import { expect, test } from "vitest";
import type { DrawerKey, VersionRecord } from "../../store/store.ts";
import { finished, queued, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

const LEASE_MS = 10_000;
const WORKER = { queues: ["default"], slots: 4, labels: {}, release: "0.1.0" };

/** What a process that only works needs of a store: offers, its claims, what its tasks read and write. */
export function workerFacts(db: StoreFixture): void {
  test("of several workers that claim at once, none gets a task run of another, and the highest priority goes first", async () => {
    const beside = await db.openBeside();
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    await beside.fleet.keepWorker({ ...WORKER, name: "two" }, LEASE_MS);
    const inserts = Array.from({ length: 60 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
    const offers = inserts.map((_, insert) => offer({ insert }, insert === 50 ? 9 : 0));
    const [result] = await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, db.version.id), inserts, offers }));

    const first = await db.store.fleet.claimOffers({ worker: "one", queues: ["default", "other"], limit: 1 });
    const place = { id: result!.ids[50], taskId: db.tasks[1], mapIndex: 50 };
    const taskRun = { ...place, state: "running", claim: 1, attempt: 1, generation: 1, worker: "one", losses: 0 };
    expect(first).toMatchObject([{ runId: RUN, versionId: db.version.id, generation: 1, taskRun }]);
    const claimed = await Promise.all(
      Array.from({ length: 12 }, (_, place) => {
        const [store, worker] = place % 2 === 0 ? [db.store, "one"] : [beside, "two"];
        return store.fleet.claimOffers({ worker, queues: ["default"], limit: 7 });
      }),
    );

    expect([...first, ...claimed.flat()].map((claim) => claim.taskRun.id).toSorted((a, b) => a - b)).toEqual(
      result!.ids,
    );
    expect((await db.reader.runDetail(RUN))!.counts).toEqual({ running: 60 });
    expect((await db.load()).taskRuns.every((row) => row.claim === 1 && /one|two/.test(row.worker!))).toBe(true);
  });

  test("an offer that was overtaken, and a worker whose lease has ended, claim nothing", async () => {
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    const [result] = await db.commit(
      sampleGroup(RUN, 0, {
        create: sampleRun(RUN, db.version.id),
        inserts: [queued(db.tasks[0]!), queued(db.tasks[1]!)],
      }),
    );
    const [first, second] = result!.ids as [number, number];
    await db.commit(sampleGroup(RUN, 1, { offers: [offer({ id: first }), offer({ id: second })] }));
    await db.commit(sampleGroup(RUN, 2, { changes: [{ ...CANCELLED, id: first, claim: 0 }] }));

    const claims = await db.store.fleet.claimOffers({ worker: "one", queues: ["default"], limit: 9 });
    expect(claims).toMatchObject([{ taskRun: { id: second } }]);
    await db.commit(sampleGroup(RUN, 3, { inserts: [queued(db.tasks[2]!)], offers: [offer({ insert: 0 })] }));
    db.advance(LEASE_MS + 1);
    expect(await db.store.fleet.claimOffers({ worker: "one", queues: ["default"], limit: 9 })).toEqual([]);
  });

  test("a task run that is offered twice, as by the scheduler that took its run over, is given once", async () => {
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    const inserts = Array.from({ length: 3 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
    const offers = inserts.map((_, insert) => offer({ insert }));
    const [result] = await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, db.version.id), inserts, offers }));
    await db.commit(sampleGroup(RUN, 1, { offers: result!.ids.map((id) => offer({ id })) }));

    const ask = (limit: number) => db.store.fleet.claimOffers({ worker: "one", queues: ["default"], limit });
    const given = [await ask(1), await ask(1), await ask(9), await ask(9)];
    expect(given.flat().map(({ taskRun }) => taskRun.id)).toEqual(result!.ids);
    expect(await db.store.fleet.offeredVersions(["default"], [], 10)).toEqual([]);
  });

  test("offers that were overtaken are no room taken from those behind them", async () => {
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    const inserts = Array.from({ length: 20 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
    const offers = inserts.map((_, insert) => offer({ insert }));
    const [result] = await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, db.version.id), inserts, offers }));
    const gone = result!.ids.slice(0, 15).map((id) => ({ ...CANCELLED, id, claim: 0 }));
    await db.commit(sampleGroup(RUN, 1, { changes: gone }));

    const claims = await db.store.fleet.claimOffers({ worker: "one", queues: ["default"], limit: 3 });
    expect(claims.map(({ taskRun }) => taskRun.id)).toEqual(result!.ids.slice(15, 18));
  });

  test("a worker claims only of the versions it can run, and learns which others are offered", async () => {
    const { fleet } = db.store;
    await fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    const other = await db.store.registerVersion(sampleVersion("returns", ["a"]));
    const group = (run: string, version: VersionRecord) =>
      sampleGroup(run, 0, {
        create: sampleRun(run, version.id),
        inserts: [queued(version.taskIds[0]!)],
        offers: [offer({ insert: 0 })],
      });
    await db.commit(group(RUN, db.version), group(sampleRunId(2), other));

    const offered = await fleet.offeredVersions(["default"], [], 10);
    expect(new Set(offered)).toEqual(new Set([db.version.id, other.id]));
    expect(await fleet.offeredVersions(["default"], [other.id], 10)).toEqual([db.version.id]);
    expect(await fleet.offeredVersions(["gpu"], [], 10)).toEqual([]);
    const request = { worker: "one", queues: ["default"], limit: 9 };
    expect(await fleet.claimOffers({ ...request, versions: [] })).toEqual([]);
    expect(await fleet.claimOffers({ ...request, versions: [other.id] })).toMatchObject([{ versionId: other.id }]);
    expect(await fleet.offeredVersions(["default"], [], 10)).toEqual([db.version.id]);
  });

  test("a worker is told which of its claims are still held, whose runs are to end, and which of them alone", async () => {
    const [id, other] = [await db.startRun(), await db.startRun(sampleRunId(2))];
    await db.commit(sampleGroup(sampleRunId(2), 1, { run: { cancelRequested: true } }));
    const claims = [
      { taskRunId: id, claim: 1 },
      { taskRunId: id, claim: 2 },
      { taskRunId: other, claim: 1 },
    ];
    const held = await db.store.fleet.heldClaims(claims);
    expect(held.toSorted((a, b) => a.taskRunId - b.taskRunId)).toEqual([
      { ...claims[0], cancelRequested: false, stopRequested: false },
      { ...claims[2], cancelRequested: true, stopRequested: false },
    ]);
    const stop = { drawer: "stop", taskRunId: id } as const;
    await db.commit(sampleGroup(RUN, 1, { drawers: [{ taskRunId: id, claim: 1, to: stop, value: "1" }] }));
    expect(await db.store.fleet.heldClaims([claims[0]!])).toEqual([
      { ...claims[0], cancelRequested: false, stopRequested: true },
    ]);
    await db.commit(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }));
    expect(await db.store.fleet.heldClaims([claims[0]!])).toEqual([]);
  });

  test("runs are read without their task runs, and task runs by their place", async () => {
    const id = await db.startRun();
    await db.startRun(sampleRunId(2));
    await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }));
    const { run, taskRuns } = await db.load();

    const runs = await db.store.fleet.readRuns([sampleRunId(3), RUN, sampleRunId(2)]);
    expect(runs.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([run, (await db.load(sampleRunId(2))).run]);
    const places = [
      { runId: RUN, taskId: db.tasks[1]!, mapIndex: null },
      { runId: RUN, taskId: db.tasks[0]!, mapIndex: null },
      { runId: RUN, taskId: db.tasks[0]!, mapIndex: 4 },
      { runId: sampleRunId(2), taskId: db.tasks[0]!, mapIndex: null },
    ];
    const found = await db.store.fleet.readTaskRuns(places);
    expect(found).toEqual([null, taskRuns[0], null, expect.objectContaining({ state: "running" })]);
    expect(await db.store.fleet.readTaskRuns([])).toEqual([]);
  });

  test("a drawer written past the scheduler is there at once, and only while the claim is held", async () => {
    const id = await db.startRun();
    const state = { drawer: "state", taskRunId: id, key: "cursor" } as const;
    const memory = { drawer: "memory", taskId: db.tasks[0]!, key: "cursor" } as const;
    const write = (claim: number, to: DrawerKey, value: string | null) => ({ taskRunId: id, claim, to, value });
    const { fleet } = db.store;

    const writes = [write(1, state, '["a"]'), write(2, memory, '["late"]'), write(1, state, '["b"]')];
    expect(await fleet.writeDrawers(writes)).toEqual([true, false, true]);
    expect(await db.store.readDrawer(state)).toBe('["b"]');
    expect(await db.store.readDrawer(memory)).toBeNull();
    expect(await fleet.writeDrawers([write(1, memory, '["m"]'), write(1, state, null)])).toEqual([true, true]);
    expect([await db.store.readDrawer(memory), await db.store.readDrawer(state)]).toEqual(['["m"]', null]);
    await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }));
    expect(await fleet.writeDrawers([write(1, memory, '["after"]')])).toEqual([false]);
    expect(await db.store.readDrawer(memory)).toBe('["m"]');
  });

  test("a worker says what it leaves to others, and why", async () => {
    const refusals = [{ workflow: "sales", version: "abc", reason: "sharp 0.33 is not installed here" }];
    await db.store.fleet.keepWorker({ ...WORKER, name: "one", refusals }, LEASE_MS);
    expect(await db.store.fleet.listWorkers(9)).toMatchObject([{ refusals }]);
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS);
    expect(await db.store.fleet.listWorkers(9)).toMatchObject([{ refusals: [] }]);
  });
}

const offer = (taskRun: { readonly id: number } | { readonly insert: number }, priority = 0) => ({
  taskRun,
  claim: 0,
  queue: "default",
  priority,
});

const CANCELLED = {
  kind: "decide",
  from: "queued",
  to: "cancelled",
  at: T0,
  error: null,
  skipReason: null,
} as const;
