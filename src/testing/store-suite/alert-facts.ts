import { describe, expect, test } from "vitest";
import type { NewAlert } from "../../store/alerts.ts";
import { finished, sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

const error = { name: "Boom", message: "it \0 broke", code: "BOOM" };

export function alertFacts(db: StoreFixture): void {
  const alert = (more: Partial<NewAlert> = {}): NewAlert => ({
    workflow: "sales",
    runId: RUN,
    versionId: db.version.id,
    event: "failed",
    task: "a",
    handler: "0.failed.0",
    receiver: "slack #data",
    taskRunId: 7,
    attempt: 2,
    count: 1,
    error,
    at: T0,
    dueAt: T0,
    thenDueAt: T0,
    once: null,
    ...more,
  });
  const add = (...alerts: Partial<NewAlert>[]) => db.store.alerts.add(alerts.map(alert));
  const claim = (limit = 10, more = {}) => db.store.alerts.claim({ limit, leaseMs: 60_000, ...more });
  const ids = async (limit?: number, more = {}) => (await claim(limit, more)).alerts.map(({ receiver }) => receiver);
  /** By the store's own clock. */
  const LATER = T0 * 2;

  describe("alerts", () => {
    test("what goes with a commit is there when it applied, and not when it was dropped", async () => {
      const id = await db.startRun();
      const stale = sampleGroup(RUN, 7, { changes: [finished(id, 1)], alerts: [alert()] });
      expect(await db.applied(stale)).toEqual([false]);
      expect((await claim()).alerts).toEqual([]);

      const group = sampleGroup(RUN, 1, { changes: [finished(id, 1)], alerts: [alert()] });
      expect(await db.applied(group)).toEqual([true]);
      const { thenDueAt: _, once: __, dueAt: ___, ...told } = alert();
      expect((await claim()).alerts).toMatchObject([
        { ...told, state: "trying", tries: 1, claim: 1, undelivered: null },
      ]);
    });

    test("of several groups only those that were dropped leave theirs behind, whatever fails in the middle", async () => {
      const other = sampleRunId(2);
      const id = await db.startRun();
      const second = await db.startRun(other);
      const wrong = sampleGroup(RUN, 1, { changes: [finished(id, 9)], alerts: [alert()] });
      const create = sampleRun(sampleRunId(3), db.version.id);
      const right = [
        sampleGroup(other, 1, { changes: [finished(second, 1)], alerts: [alert({ runId: other, receiver: "right" })] }),
        sampleGroup(create.id, 0, { create, alerts: [alert({ runId: create.id, receiver: "new" })] }),
      ];
      expect(await db.applied(wrong, ...right)).toEqual([false, true, true]);
      expect((await ids()).toSorted()).toEqual(["new", "right"]);
    });

    test("many of one kind are one message until it is given out; what comes after is the next, and waits longer", async () => {
      await add({ count: 3, dueAt: LATER }, { count: 497, dueAt: LATER }, { task: "b", dueAt: LATER });
      expect((await claim()).alerts).toEqual([]);
      const { alerts } = await claim(10, { all: true });
      expect(alerts.map(({ task, count }) => [task, count])).toEqual([
        ["a", 500],
        ["b", 1],
      ]);
      await add({ dueAt: T0, thenDueAt: LATER });
      expect((await claim()).alerts).toEqual([]);
      await add({ event: "retry", thenDueAt: LATER });
      expect((await claim()).alerts).toMatchObject([{ event: "retry" }]);
    });

    test("one that says once is recorded once for ever", async () => {
      await add({ once: "late x" }, { once: "late x" });
      const [first] = (await claim()).alerts;
      expect(first).toMatchObject({ count: 1 });
      await db.store.alerts.delivered(first!, T0);
      await add({ once: "late x" });
      expect((await claim()).alerts).toEqual([]);
    });

    test("about no run there is no gathering", async () => {
      await add({ runId: null, versionId: null, workflow: null }, { runId: null, versionId: null, workflow: null });
      expect((await claim()).alerts).toHaveLength(2);
    });

    test("it is given out once while its lease lasts, and again afterwards", async () => {
      await add({});
      const [first] = (await claim()).alerts;
      expect((await claim()).alerts).toEqual([]);
      db.advance(61_000);
      const [second] = (await claim()).alerts;
      expect(second).toMatchObject({ id: first!.id, tries: 2 });
      expect(await db.store.alerts.delivered(first!, T0)).toBe(false);
      expect(await db.store.alerts.delivered(second!, T0)).toBe(true);
      db.advance(61_000);
      expect(await claim()).toEqual({ alerts: [], nextInMs: null });
    });

    test("several that claim at once share what there is", async () => {
      await add(...Array.from({ length: 40 }, (_, n) => ({ task: `t${n}` })));
      const claimed = await Promise.all(Array.from({ length: 8 }, () => claim(5)));
      const all = claimed.flatMap(({ alerts }) => alerts.map(({ id }) => id));
      expect(new Set(all).size).toBe(40);
    });

    test("one that did not reach its receiver is due again, and what failed goes on to others with the reason", async () => {
      await add({});
      const instead = [{ handler: "config.0", receiver: "email ops" }];
      const [first] = (await claim()).alerts;
      expect(await db.store.alerts.undelivered(first!, { error, againMs: 30_000, instead })).toBe(true);
      const later = await claim();
      expect(later.alerts).toEqual([]);
      expect(later.nextInMs).toBeGreaterThan(0);
      db.advance(31_000);
      const [again] = (await claim()).alerts;
      expect(again).toMatchObject({ tries: 2, lastError: error });
      await db.store.alerts.undelivered(again!, { error, againMs: null, instead });
      expect((await claim()).alerts).toMatchObject([
        { handler: "config.0", receiver: "email ops", error, undelivered: { to: "slack #data", error }, tries: 1 },
      ]);
      expect(await db.reader.listAlerts({ limit: 10 })).toMatchObject([
        { state: "trying", receiver: "email ops" },
        { state: "failed", receiver: "slack #data", tries: 2, lastError: error },
      ]);
      expect(await db.reader.listAlerts({ limit: 10, states: ["failed"] })).toHaveLength(1);
      expect(await db.reader.listAlerts({ limit: 10, workflows: ["sales"] })).toHaveLength(2);
      expect(await db.reader.listAlerts({ limit: 10, workflows: ["other"] })).toEqual([]);
    });

    test("what has failed can be tried again from the beginning", async () => {
      await add({});
      const [first] = (await claim()).alerts;
      expect(await db.store.alerts.again(first!.id)).toBe(false);
      await db.store.alerts.undelivered(first!, { error, againMs: null, instead: [] });
      expect(await db.store.alerts.again(first!.id)).toBe(true);
      expect((await claim()).alerts).toMatchObject([{ id: first!.id, tries: 1 }]);
    });

    test("it is there after a restart", async () => {
      await add({});
      await db.reopen();
      expect(await ids()).toEqual(["slack #data"]);
    });

    test("how long runs took counts those that succeeded, the last ones first", async () => {
      const ended = async (number: number, seconds: number, state: "succeeded" | "failed") => {
        const create = sampleRun(sampleRunId(number), db.version.id);
        const run = { state, startedAt: T0, endedAt: T0 + seconds * 1_000_000 };
        await db.commit(sampleGroup(create.id, 0, { create, run }));
      };
      await ended(1, 10, "succeeded");
      await ended(2, 99, "failed");
      await ended(3, 30, "succeeded");
      expect(await db.store.alerts.durations("sales", 10)).toEqual([30_000, 10_000]);
      expect(await db.store.alerts.durations("sales", 1)).toEqual([30_000]);
    });

    test("what is done with goes with old runs, and what waits stays", async () => {
      await add({}, { task: "b" });
      const [first] = (await claim(1)).alerts;
      await db.store.alerts.delivered(first!, T0);
      await db.store.prune({ endedBefore: T0 + 1 });
      expect((await db.reader.listAlerts({ limit: 10 })).map(({ task }) => task)).toEqual(["b"]);
    });
  });
}

/** Where several processes work on a store. */
export function lostSchedulerFacts(db: StoreFixture): void {
  test("a scheduler whose lease ran out without a word is lost, for a day; one that left, and a worker, are not", async () => {
    const common = {
      labels: {},
      queues: [],
      slots: 0,
      pid: 1,
      release: "0",
      node: "24",
      timeZones: "",
      clockAheadMs: 0,
    };
    const keep = (name: string, roles: readonly ("scheduler" | "worker")[]) =>
      db.store.processes.keep({ ...common, name, instance: `${name}-1`, roles, host: "h" }, 5_000);
    await keep("dead", ["scheduler", "worker"]);
    await keep("gone", ["scheduler"]);
    await keep("worker", ["worker"]);
    await db.store.processes.leave({ name: "gone", instance: "gone-1" });
    expect(await db.store.alerts.lostSchedulers()).toEqual([]);
    db.advance(6_000);
    expect(await db.store.alerts.lostSchedulers()).toEqual([{ name: "dead", instance: "dead-1", host: "h" }]);
    db.advance(86_400_000);
    expect(await db.store.alerts.lostSchedulers()).toEqual([]);
  });
}
