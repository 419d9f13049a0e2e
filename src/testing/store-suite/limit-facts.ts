import { expect, test } from "vitest";
import type { NewUse } from "../../store/limits.ts";
import type { Store } from "../../store/store.ts";
import { finished, queued, sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

const POOL = "pool db";

const use = (taskRunId: number, claim = 0, more: Partial<NewUse> = {}): NewUse => ({
  taskRunId,
  claim,
  name: POOL,
  slots: 1,
  max: null,
  perMs: null,
  ...more,
});

/** No limit is exceeded, whoever claims, and nothing that ends keeps what it held. */
export function limitFacts(db: StoreFixture): void {
  /** A run with its three tasks queued, at revision 1. */
  const queuedRun = async (runId = RUN): Promise<readonly number[]> => {
    const create = sampleRun(runId, db.version.id);
    const inserts = db.tasks.map((task) => queued(task));
    const [result] = await db.commit(sampleGroup(runId, 0, { create, inserts }));
    return result!.ids;
  };
  const claim = (id: number) => ({ kind: "claim", id, claim: 0, worker: "w", at: T0 }) as const;
  const used = async (name = POOL) => (await db.store.limits.usage([name]))[0]!.used;
  const declare = (slots: number) => db.store.limits.declare([{ name: "db", slots }], T0);

  test("a claim for which a pool has no room is dropped and says so, and nothing of its run has moved", async () => {
    await declare(1);
    const [a, b] = await queuedRun();
    const [first] = await db.commit(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!)] }));
    expect(first).toEqual({ applied: true, ids: [] });

    const second = sampleGroup(RUN, 2, { changes: [claim(b!)], uses: [use(b!)] });
    expect(await db.commit(second)).toEqual([{ applied: false, ids: [], full: true }]);
    expect((await db.load()).run.revision).toBe(2);
    expect(await db.taskRun(b!)).toMatchObject({ state: "queued", claim: 0 });
    expect(await used()).toBe(1);
  });

  test("what ends gives back what it held, with the commit that ends it", async () => {
    await declare(1);
    const [a, b] = await queuedRun();
    await db.commit(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!)] }));
    expect(await db.applied(sampleGroup(RUN, 2, { changes: [finished(a!, 1)], releases: [a!] }))).toEqual([true]);
    expect(await used()).toBe(0);
    expect(await db.applied(sampleGroup(RUN, 3, { changes: [claim(b!)], uses: [use(b!)] }))).toEqual([true]);
  });

  test("what is given back in a group that is dropped stays taken", async () => {
    await declare(1);
    const [a] = await queuedRun();
    await db.commit(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!)] }));
    expect(await db.applied(sampleGroup(RUN, 7, { changes: [finished(a!, 1)], releases: [a!] }))).toEqual([false]);
    expect(await used()).toBe(1);
  });

  test("a claim whose guard fails takes nothing", async () => {
    await declare(3);
    const [a, b] = await queuedRun();
    const other = sampleRunId(2);
    const [c] = await queuedRun(other);
    await db.commit(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!)] }));

    // `a` is running by now: its group goes, and that of the other run with it goes on.
    expect(
      await db.applied(
        sampleGroup(RUN, 2, { changes: [claim(a!), claim(b!)], uses: [use(b!)] }),
        sampleGroup(other, 1, { changes: [claim(c!)], uses: [use(c!)] }),
      ),
    ).toEqual([false, true]);
    expect(await used()).toBe(2);
  });

  test("of several claims in one commit those are applied that there is room for, in their order", async () => {
    await declare(2);
    const runs = [1, 2, 3].map(sampleRunId);
    const ids = await Promise.all(runs.map(queuedRun));
    const groups = runs.map((run, place) => {
      const [id] = ids[place]!;
      return sampleGroup(run, 1, { changes: [claim(id!)], uses: [use(id!)] });
    });
    expect(await db.commit(...groups)).toEqual([
      { applied: true, ids: [] },
      { applied: true, ids: [] },
      { applied: false, ids: [], full: true },
    ]);
  });

  test("of several claims of one run those are left out that there is no room for, and the others are applied", async () => {
    await declare(2);
    const [a, b, c] = await queuedRun();
    const group = sampleGroup(RUN, 1, {
      changes: [claim(a!), claim(b!), claim(c!)],
      uses: [use(a!, 0, { slots: 2 }), use(b!), use(c!, 0, { name: "task 1", max: 1 })],
    });
    expect(await db.commit(group)).toEqual([{ applied: true, ids: [], refused: [b] }]);
    const { run, taskRuns } = await db.load();
    expect(run.revision).toBe(2);
    expect(await db.reader.listRuns({ limit: 1 })).toMatchObject([{ counts: { running: 2, queued: 1 } }]);
    expect(taskRuns.map(({ state, claim: number }) => [state, number])).toEqual([
      ["running", 1],
      ["queued", 0],
      ["running", 1],
    ]);
    expect([await used(), await used("task 1")]).toEqual([2, 1]);
  });

  test("that there is no room is said of no claim whose run has moved: it may be made already", async () => {
    await declare(1);
    const [a] = await queuedRun();
    const rate = use(a!, 0, { name: "rate 1", max: 1, perMs: 60_000 });
    const group = sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [rate] });
    expect(await db.applied(group)).toEqual([true]);
    const [again] = await db.commit({ ...group });
    expect(again).toEqual({ applied: false, ids: [] });
  });

  test("a task run takes all that it needs of all its limits, or nothing", async () => {
    await declare(3);
    const [a, b] = await queuedRun();
    const both = (id: number) => [use(id, 0, { slots: 2 }), use(id, 0, { name: "task 1", max: 1 })];
    expect(await db.applied(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: both(a!) }))).toEqual([true]);
    expect(await db.commit(sampleGroup(RUN, 2, { changes: [claim(b!)], uses: both(b!) }))).toMatchObject([
      { full: true },
    ]);
    expect([await used(), await used("task 1")]).toEqual([2, 1]);
  });

  test("a pool that nobody has declared has no room", async () => {
    const [a] = await queuedRun();
    const group = sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!, 0, { name: "pool other" })] });
    expect(await db.commit(group)).toMatchObject([{ applied: false, full: true }]);
  });

  test("of a rate what has begun counts until its time is over, ended or not", async () => {
    const rate = (id: number, claim = 0) => [use(id, claim, { name: "rate 1", max: 2, perMs: 60_000 })];
    const [a, b, c] = await queuedRun();
    expect(
      await db.applied(sampleGroup(RUN, 1, { changes: [claim(a!), claim(b!)], uses: [...rate(a!), ...rate(b!)] })),
    ).toEqual([true]);
    await db.commit(sampleGroup(RUN, 2, { changes: [finished(a!, 1), finished(b!, 1)], releases: [a!, b!] }));

    const third = sampleGroup(RUN, 3, { changes: [claim(c!)], uses: rate(c!) });
    expect(await db.commit(third)).toMatchObject([{ full: true }]);
    const [usage] = await db.store.limits.usage(["rate 1"]);
    expect(usage).toMatchObject({ used: 2, max: null });
    expect(usage!.freeInMs).toBeGreaterThan(0);
    expect(usage!.freeInMs).toBeLessThanOrEqual(60_000);
    db.advance(60_000);
    expect(await used("rate 1")).toBe(0);
    expect(await db.applied(third)).toEqual([true]);
  });

  test("the size of a pool that somebody has changed stays until the configuration says another one", async () => {
    await declare(4);
    expect(await db.store.limits.resize({ name: "db", slots: 1, by: "cli:ada", at: T0 + 1 })).toMatchObject({
      slots: 4,
    });
    await declare(4);
    expect(await db.reader.limits.pools()).toEqual([
      { name: "db", slots: 1, used: 0, declared: 4, changedAt: T0 + 1, changedBy: "cli:ada" },
    ]);
    await declare(6);
    expect(await db.reader.limits.pools()).toMatchObject([{ slots: 6, declared: 6, changedBy: null }]);
    await db.store.limits.declare([], T0);
    expect(await db.reader.limits.pools()).toMatchObject([{ slots: 6, declared: null }]);
    expect(await db.store.limits.resize({ name: "none", slots: 1, by: "cli:ada", at: T0 })).toBeNull();
    await db.store.limits.ensure(
      [
        { name: "db", slots: 9 },
        { name: "new", slots: 2 },
      ],
      T0,
    );
    expect(await db.reader.limits.pools()).toMatchObject([
      { name: "db", slots: 6 },
      { name: "new", slots: 2 },
    ]);
  });

  test("who holds a limit is told, the longest first, and who holds it itself is left out where that is asked for", async () => {
    await declare(3);
    const [a, b] = await queuedRun();
    await db.commit(sampleGroup(RUN, 1, { changes: [claim(a!)], uses: [use(a!)] }));
    db.advance(1_000);
    await db.commit(sampleGroup(RUN, 2, { changes: [claim(b!)], uses: [use(b!, 0, { slots: 2 })] }));
    const holders = await db.reader.limits.holders(POOL, 10);
    expect(holders).toMatchObject([
      { runId: RUN, taskRunId: a, workflow: "sales", task: "a", mapIndex: null, slots: 1 },
      { taskRunId: b, task: "b", slots: 2 },
    ]);
    expect(await db.store.limits.holders(POOL, 1)).toHaveLength(1);
    expect(await db.store.limits.usage([POOL], [b!])).toMatchObject([{ used: 1, max: 3 }]);
  });

  test("how the last runs ended is told of those that a schedule or an event made, the newest first", async () => {
    for (const [place, state] of (["failed", "succeeded", "failed", "failed"] as const).entries()) {
      const runId = sampleRunId(place + 1);
      const trigger = place === 3 ? ("manual" as const) : ("schedule" as const);
      const create = sampleRun(runId, db.version.id, { trigger });
      await db.commit(sampleGroup(runId, 0, { create, run: { state, endedAt: T0 } }));
    }
    expect(await db.store.schedules.outcomes("sales", 10)).toEqual(["failed", "succeeded", "failed"]);
    expect(await db.store.schedules.outcomes("sales", 1)).toEqual(["failed"]);
    expect(await db.store.schedules.outcomes("none", 1)).toEqual([]);
  });

  test("many claimers at once never exceed a limit, and fill it", async () => {
    await declare(7);
    const runs = Array.from({ length: 24 }, (_, place) => sampleRunId(place + 1));
    const ids: (readonly number[])[] = [];
    for (const run of runs) ids.push(await queuedRun(run));
    const results = await Promise.all(
      runs.map((run, place) => {
        const [id] = ids[place]!;
        return db.store.commit([sampleGroup(run, 1, { changes: [claim(id!)], uses: [use(id!)] })]);
      }),
    );
    expect(results.flat().filter(({ applied }) => applied)).toHaveLength(7);
    expect(results.flat().filter(({ full }) => full)).toHaveLength(17);
    expect(await used()).toBe(7);
  });
}

/** Where several processes claim on one store. */
export function limitClaimerFacts(db: StoreFixture): void {
  test("an offer that there is no room for is left out", async () => {
    await db.store.limits.declare([{ name: "db", slots: 1 }], T0);
    const a = await db.startRun(RUN, { inserts: [queued(db.tasks[0]!), queued(db.tasks[1]!)] });
    const b = a + 1;
    const offers = [a, b].map((id) => ({ taskRun: { id }, claim: 0, queue: "default", priority: 0 }));
    const group = sampleGroup(RUN, 1, { offers, uses: [use(a), use(b)] });
    expect(await db.commit(group)).toEqual([{ applied: true, ids: [], refused: [b] }]);
    expect(await db.store.limits.held([a, b])).toEqual([a]);
    const claim = (id: number) => ({ kind: "claim", id, claim: 0, worker: "w", at: T0 }) as const;
    // What it holds already it need not find again.
    const again = sampleGroup(RUN, 2, { changes: [claim(b), claim(a)], uses: [use(a), use(b)] });
    expect(await db.commit(again)).toEqual([{ applied: true, ids: [], refused: [b] }]);
    expect((await db.store.limits.usage([POOL]))[0]!.used).toBe(1);
  });

  test("of several stores that claim at once, together they never exceed a limit", async () => {
    const stores: Store[] = [db.store, await db.openBeside(), await db.openBeside()];
    await db.store.limits.declare([{ name: "db", slots: 3 }], T0);
    const runs = Array.from({ length: 18 }, (_, place) => sampleRunId(place + 1));
    const ids: number[] = [];
    for (const run of runs) ids.push(await db.startRun(run, { inserts: [queued(db.tasks[0]!)] }));
    const results = await Promise.all(
      runs.map((run, place) => {
        const change = { kind: "claim", id: ids[place]!, claim: 0, worker: "w", at: T0 } as const;
        return stores[place % 3]!.commit([sampleGroup(run, 1, { changes: [change], uses: [use(ids[place]!)] })]);
      }),
    );
    expect(results.flat().filter(({ applied }) => applied)).toHaveLength(3);
    expect((await db.store.limits.usage([POOL]))[0]!.used).toBe(3);
  });

  test("what was offered and is decided before anybody claims it is offered no more: queued anew, it would need no room", async () => {
    await db.store.limits.declare([{ name: "db", slots: 1 }], T0);
    const id = await db.startRun(RUN, { inserts: [queued(db.tasks[0]!)] });
    const offer = { taskRun: { id }, claim: 0, queue: "default", priority: 0 };
    await db.commit(sampleGroup(RUN, 1, { offers: [offer], uses: [use(id)] }));
    const offered = () => db.store.fleet.offeredVersions(["default"], [], 10);
    expect(await offered()).toHaveLength(1);
    const cancelled = { kind: "decide", from: "queued", to: "cancelled", error: null, skipReason: null } as const;
    const changes = [{ ...cancelled, id, claim: 0, at: T0 }];
    await db.commit(sampleGroup(RUN, 7, { changes, releases: [id] }));
    expect(await offered()).toHaveLength(1);
    await db.commit(sampleGroup(RUN, 2, { changes, releases: [id] }));
    expect(await offered()).toEqual([]);
  });

  test("what is offered holds its room, and whoever claims it for itself needs no more", async () => {
    await db.store.limits.declare([{ name: "db", slots: 1 }], T0);
    const id = await db.startRun(RUN, { inserts: [queued(db.tasks[0]!), queued(db.tasks[1]!)] });
    const offer = { taskRun: { id }, claim: 0, queue: "default", priority: 0 };
    expect(await db.applied(sampleGroup(RUN, 1, { offers: [offer], uses: [use(id)] }))).toEqual([true]);
    const change = { kind: "claim", id, claim: 0, worker: "w", at: T0 } as const;
    expect(await db.applied(sampleGroup(RUN, 2, { changes: [change], uses: [use(id)] }))).toEqual([true]);
    const other = { ...change, id: id + 1 };
    expect(await db.commit(sampleGroup(RUN, 3, { changes: [other], uses: [use(id + 1)] }))).toMatchObject([
      { full: true },
    ]);
  });
}
