import { describe, expect, test } from "vitest";
import type { CachedFrom } from "../../core/value.ts";
import type { CacheQuery } from "../../store/cache.ts";
import type { DrawerWrite } from "../../store/store.ts";
import { finished, type Finish, running, sampleGroup, sampleRunId, T0 } from "../store-samples.ts";
import { DAY, RUN, type StoreFixture } from "./store-fixture.ts";

export function cacheFacts(db: StoreFixture): void {
  describe("values that others may take", () => {
    const made = (taskRunId: number, { key = "a", claim = 1, madeAt = T0 + 2 } = {}): DrawerWrite => ({
      taskRunId,
      claim,
      to: { drawer: "cache", taskRunId, key: "made" },
      value: JSON.stringify({ key, claim, madeAt }),
    });
    const taken = (taskRunId: number, from: CachedFrom): DrawerWrite => ({
      taskRunId,
      claim: 1,
      to: { drawer: "cache", taskRunId, key: "taken" },
      value: JSON.stringify(from),
    });
    const find = (taskRunId: number, more: Partial<CacheQuery> = {}) =>
      db.store.cache.find({ taskRunId, taskId: db.tasks[0]!, keys: ["a", "b"], after: T0, ...more });
    const fromOf = (run: number, taskRunId: number): CachedFrom => ({
      runId: sampleRunId(run),
      taskRunId,
      claim: 1,
      firstClaim: 1,
      madeAt: T0 + 2,
    });

    /** A run whose task "a" has succeeded and says so under "a". */
    const make = async (run: number, more: Parameters<typeof made>[1] = {}, end: Partial<Finish> = {}) => {
      const id = await db.startRun(sampleRunId(run));
      const changes = [finished(id, 1, end)];
      await db.commit(sampleGroup(sampleRunId(run), 1, { drawers: [made(id, more)], changes }));
      return id;
    };
    /** A run whose task "a" has taken that value. */
    const take = async (run: number, from: CachedFrom) => {
      const id = await db.startRun(sampleRunId(run));
      const changes = [finished(id, 1, { cached: from })];
      await db.commit(sampleGroup(sampleRunId(run), 1, { drawers: [taken(id, from)], changes }));
      return id;
    };
    const end = (run: number, endedAt: number) =>
      db.commit(sampleGroup(sampleRunId(run), 2, { run: { state: "succeeded", endedAt } }));
    /** Throws the success away; afterwards its next execution runs under claim 2. */
    const anew = async (run: number, id: number, discarded: number) => {
      const at = T0;
      const steps = [
        { id, claim: 1, kind: "reopen", from: "succeeded", generation: 2, groupRetries: [], discarded, at },
        { id, claim: 1, kind: "decide", from: "waiting", to: "queued", at, error: null, skipReason: null },
        { id, claim: 1, kind: "claim", worker: "w", at },
      ] as const;
      for (const [place, change] of steps.entries())
        await db.commit(sampleGroup(sampleRunId(run), 2 + place, { changes: [change] }));
    };
    const pruneAll = async (endedBefore: number) => {
      const runs: string[] = [];
      for (;;) {
        const batch = await db.store.prune({ endedBefore, limit: 2 });
        runs.push(...batch.runs);
        if (!batch.more) return runs.toSorted();
      }
    };

    test("one is found by its task, its key and its age, as it was made", async () => {
      const id = await make(1);
      const asker = await db.startRun(sampleRunId(2));

      const output = { kind: "inline", text: "[1]" };
      expect(await find(asker)).toEqual({ from: fromOf(1, id), output, lists: null, arms: null });
      expect(await find(asker, { keys: ["c"] })).toBeNull();
      expect(await find(asker, { keys: [] })).toBeNull();
      expect(await find(asker, { taskId: db.tasks[1]! })).toBeNull();
      expect(await find(asker, { after: T0 + 2 })).toBeNull();
    });

    test("with a large value, lists, arms and the claims of an attempt that waited", async () => {
      const more = {
        output: { kind: "frame", uri: "artifact:r/1-1/.output", bytes: 300_000 },
        lists: { "[]": { length: 2 } },
        arms: ["left"],
        firstClaim: 1,
      } as const;
      const id = await make(1, {}, more);
      const asker = await db.startRun(sampleRunId(2));

      const { output, lists, arms } = more;
      expect(await find(asker)).toEqual({ from: fromOf(1, id), output, lists, arms });
    });

    test("of several the youngest", async () => {
      await make(1, { madeAt: T0 + 3 });
      const youngest = await make(2, { key: "b", madeAt: T0 + 5 });
      await make(3, { madeAt: T0 + 4 });
      const asker = await db.startRun(sampleRunId(4));

      expect((await find(asker))?.from).toMatchObject({ taskRunId: youngest, madeAt: T0 + 5 });
      expect((await find(asker, { keys: ["a"] }))?.from).toMatchObject({ runId: sampleRunId(3) });
    });

    test("none of a group that was dropped, nor of a task run that has not succeeded", async () => {
      const id = await db.startRun();
      const asker = await db.startRun(sampleRunId(2));
      const drawers = [made(id)];

      expect(await db.applied(sampleGroup(RUN, 7, { drawers, changes: [finished(id, 1)] }))).toEqual([false]);
      expect(await find(asker)).toBeNull();
      await db.commit(sampleGroup(RUN, 1, { drawers }));
      expect(await find(asker)).toBeNull();
      await db.commit(sampleGroup(RUN, 2, { changes: [finished(id, 1, { state: "failed", output: null })] }));
      expect(await find(asker)).toBeNull();
    });

    test("a success that was thrown away is none, whatever follows under its claim; the next one is", async () => {
      const id = await make(1);
      const asker = await db.startRun(sampleRunId(2));
      const reopened = { id, claim: 1, kind: "reopen", from: "succeeded", generation: 2, discarded: 1 } as const;
      const marked = { id, claim: 1, kind: "decide", from: "waiting", to: "succeeded", skipReason: null } as const;
      await db.commit(
        sampleGroup(RUN, 2, {
          changes: [
            { ...reopened, groupRetries: [], at: T0 },
            { ...marked, error: null, at: T0 + 2 },
          ],
        }),
      );
      expect(await find(asker)).toBeNull();

      const other = await make(3);
      await anew(3, other, 1);
      expect(await find(asker)).toBeNull();
      const next = { key: "b", claim: 2, madeAt: T0 + 9 };
      await db.commit(sampleGroup(sampleRunId(3), 5, { drawers: [made(other, next)], changes: [finished(other, 2)] }));
      expect(await find(asker, { keys: ["a"] })).toBeNull();
      expect((await find(asker))?.from).toMatchObject({ taskRunId: other, claim: 2, madeAt: T0 + 9 });
    });

    test("one that has thrown a success away takes none; nor does a run that renounced, known or not", async () => {
      await make(1);
      const again = await make(2, { key: "z" });
      expect(await find(again)).not.toBeNull();
      await anew(2, again, 1);
      expect(await find(again)).toBeNull();

      await db.store.cache.renounce(sampleRunId(3));
      await db.store.cache.renounce(sampleRunId(3));
      const renounced = await db.startRun(sampleRunId(3));
      expect(await find(renounced)).toBeNull();
      expect(await find(await db.startRun(sampleRunId(4)))).not.toBeNull();
      await db.store.cache.renounce(sampleRunId(1));
      expect(await find(await db.startRun(sampleRunId(5)))).not.toBeNull();
    });

    test("who took one says whose it is, until it is made anew", async () => {
      const source = fromOf(1, await make(1));
      const id = await take(2, source);
      const cachedOf = async () => (await db.load(sampleRunId(2))).taskRuns.find((row) => row.id === id)?.cached;

      expect(await cachedOf()).toEqual(source);
      const detail = await db.reader.runDetail(sampleRunId(2));
      expect(detail?.taskRuns[0]).toMatchObject({ cached: source, output: { kind: "inline" } });
      await anew(2, id, 1);
      expect(await cachedOf()).toBeUndefined();
    });

    test("a run stays while a younger one has a value of it, and what it wrote; then both go", async () => {
      const id = await make(1);
      await take(2, { ...fromOf(1, id), claim: 3, firstClaim: 2 });
      await end(1, T0 + 1);

      expect(await pruneAll(T0 + DAY)).toEqual([]);
      await end(2, T0 + DAY);
      expect(await pruneAll(T0 + DAY)).toEqual([]);
      expect(await db.store.cache.usedRuns(T0 + DAY)).toEqual([sampleRunId(1)]);
      expect(await db.store.cache.usedRuns(T0 + DAY + 1)).toEqual([]);
      expect(await db.store.cache.usedAttempts(sampleRunId(1))).toEqual([{ taskRunId: id, firstClaim: 2, claim: 3 }]);
      expect(await db.store.cache.usedAttempts(sampleRunId(2))).toEqual([]);

      expect(await pruneAll(T0 + DAY + 1)).toEqual([sampleRunId(1), sampleRunId(2)]);
      expect(await find(await db.startRun(sampleRunId(3)))).toBeNull();
    });

    test("runs that have values of each other, or of themselves, do not keep each other for ever", async () => {
      const [first, second, third] = [await make(1), await make(2), await make(3)];
      const takeBeside = async (run: number, from: CachedFrom) => {
        const inserts = [running(db.tasks[1]!)];
        const [result] = await db.commit(sampleGroup(sampleRunId(run), 2, { inserts }));
        const id = result!.ids[0]!;
        const changes = [finished(id, 1, { cached: from })];
        await db.commit(sampleGroup(sampleRunId(run), 3, { drawers: [taken(id, from)], changes }));
        await db.commit(sampleGroup(sampleRunId(run), 4, { run: { state: "succeeded", endedAt: T0 } }));
      };
      await takeBeside(1, fromOf(2, second));
      await takeBeside(2, fromOf(1, first));
      await takeBeside(3, fromOf(3, third));

      expect(await pruneAll(T0 + 1)).toEqual([1, 2, 3].map(sampleRunId));
    });

    test("a run is forgotten and stays, or is pruned, and nobody takes a value of it", async () => {
      await make(1);
      const id = await make(2, { madeAt: T0 + 1 });
      const asker = await db.startRun(sampleRunId(3));

      await db.store.cache.forget([sampleRunId(1), sampleRunId(9)]);
      expect((await find(asker))?.from.taskRunId).toBe(id);
      await db.store.cache.forget([]);
      await end(2, T0);
      expect(await pruneAll(T0 + 1)).toEqual([sampleRunId(2)]);
      expect(await find(asker)).toBeNull();
      expect(await db.load()).toMatchObject({ run: { state: "running" } });
    });
  });
}
