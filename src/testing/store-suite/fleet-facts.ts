import { describe, expect, test } from "vitest";
import { running, sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

const LEASE_MS = 10_000;
const worker = (name: string) => ({ name, queues: ["default"], slots: 4, labels: { zone: "a" }, release: "0.1.0" });

export function fleetFacts(db: StoreFixture): void {
  describe("schedulers and workers", () => {
    test("a scheduler takes every unfinished run once, oldest first, and never those that have ended", async () => {
      for (let run = 1; run <= 5; run += 1) await db.startRun(sampleRunId(run));
      await db.commit(sampleGroup(sampleRunId(2), 1, { run: { state: "failed", endedAt: T0 } }));
      const scheduler = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });

      expect(await db.store.fleet.takeRuns(scheduler, 3)).toEqual([1, 3, 4].map(sampleRunId));
      expect(await db.store.fleet.takeRuns(scheduler, 3)).toEqual([sampleRunId(5)]);
      expect(await db.store.fleet.takeRuns(scheduler, 3)).toEqual([]);
    });

    test("a scheduler takes only the runs that it asks for", async () => {
      for (let run = 1; run <= 3; run += 1) await db.startRun(sampleRunId(run));
      const scheduler = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });

      expect(await db.store.fleet.takeRuns(scheduler, 10, [])).toEqual([]);
      expect(await db.store.fleet.takeRuns(scheduler, 10, [sampleRunId(2), sampleRunId(9)])).toEqual([sampleRunId(2)]);
      expect(await db.store.fleet.takeRuns(scheduler, 10)).toEqual([1, 3].map(sampleRunId));
    });

    test("a run that a scheduler creates is its own, and what it decides about its runs applies", async () => {
      const scheduler = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });
      const create = sampleRun(RUN, db.version.id);
      await db.store.commit([sampleGroup(RUN, 0, { create, inserts: [running(db.tasks[0]!)] })], scheduler);

      expect(await db.store.fleet.takeRuns(scheduler, 10)).toEqual([]);
      expect(await db.store.commit([sampleGroup(RUN, 1)], scheduler)).toMatchObject([{ applied: true }]);
      expect(await db.store.fleet.keepScheduler(scheduler, LEASE_MS)).toBe(true);
    });

    test("a scheduler that leaves and joins again takes its runs anew, under another number", async () => {
      await db.startRun();
      const first = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });
      expect(await db.store.fleet.takeRuns(first, 10)).toEqual([RUN]);
      await db.store.fleet.leaveScheduler(first);

      const second = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });
      expect(second).not.toBe(first);
      expect(await db.store.fleet.takeRuns(second, 10)).toEqual([RUN]);
    });

    test("a worker is alive while it renews its lease, and gone when it leaves", async () => {
      const { fleet } = db.store;
      await fleet.keepWorker(worker("b"), LEASE_MS);
      await fleet.keepWorker(worker("a"), LEASE_MS);
      db.advance(LEASE_MS / 2);
      await fleet.keepWorker({ ...worker("a"), slots: 8 }, LEASE_MS);
      db.advance(LEASE_MS / 2 + 1);

      expect(await fleet.listWorkers(10)).toEqual([
        { ...worker("a"), slots: 8, refusals: [], alive: true },
        { ...worker("b"), refusals: [], alive: false },
      ]);
      expect(await fleet.listWorkers(1)).toHaveLength(1);
      await fleet.leaveWorker("b");
      expect(await fleet.listWorkers(10)).toMatchObject([{ name: "a" }]);
    });

    test("a scheduler gets what was left for it", async () => {
      await db.startRun();
      const scheduler = await db.store.fleet.joinScheduler({ name: "s", leaseMs: LEASE_MS });
      await db.store.fleet.takeRuns(scheduler, 10);
      await db.inbox.addCommand({ kind: "cancel", runId: RUN, payload: null, createdAt: T0 });
      await db.inbox.addCommand({ kind: "run", runId: null, payload: "{}", createdAt: T0 });

      const commands = await db.store.pendingCommands(10, scheduler);
      expect(commands.map((command) => command.kind)).toEqual(["cancel", "run"]);
      expect(await db.store.pendingCommands(10, scheduler)).toEqual(commands);
      await db.store.removeCommands(commands.map((command) => command.id));
      expect(await db.store.pendingCommands(10, scheduler)).toEqual([]);
    });
  });
}
