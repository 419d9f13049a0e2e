import { describe, expect, test } from "vitest";
import { queued, sampleAttempt, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, DAY, type StoreFixture } from "./store-fixture.ts";

export function retentionFacts(db: StoreFixture): void {
  describe("retention", () => {
    const end = (runId: string, endedAt: number) => sampleGroup(runId, 1, { run: { state: "succeeded", endedAt } });
    const pruneAll = async (endedBefore: number) => {
      const runs: string[] = [];
      for (;;) {
        const batch = await db.store.prune({ endedBefore, limit: 2 });
        runs.push(...batch.runs);
        if (!batch.more) return runs;
      }
    };

    test("ended runs of before go with all that is theirs; unfinished and younger ones stay", async () => {
      const state = { drawer: "state", taskRunId: 0, key: "k" } as const;
      const ids: number[] = [];
      for (let run = 1; run <= 6; run += 1) {
        const id = await db.startRun(sampleRunId(run), { attempts: [sampleAttempt({ insert: 0 }, db.version.id)] });
        ids.push(id);
        const drawers = [{ taskRunId: id, claim: 1, to: { ...state, taskRunId: id }, value: "1" }];
        if (run !== 2) await db.commit({ ...end(sampleRunId(run), run === 6 ? T0 + DAY : T0 + run), drawers });
      }

      expect(await pruneAll(T0 + DAY)).toEqual([1, 3, 4, 5].map(sampleRunId));
      expect(await db.store.loadRun(sampleRunId(1))).toBeNull();
      expect(await db.reader.attempts(sampleRunId(1))).toEqual([]);
      expect(await db.store.readOutputs([ids[0]!])).toEqual(new Map());
      expect(await db.store.readDrawer({ ...state, taskRunId: ids[0]! })).toBeNull();
      expect(await db.store.readDrawer({ ...state, taskRunId: ids[5]! })).toBe("1");
      expect((await db.reader.listRuns({ limit: 10 })).map((run) => run.id)).toEqual([sampleRunId(6), sampleRunId(2)]);
      expect((await db.reader.listWorkflows())[0]?.counts).toEqual({ running: 1, succeeded: 1 });
      expect(await db.reader.attempts(sampleRunId(6))).toHaveLength(1);
    });

    test("a run with more rows than a batch sweeps is gone at once, and its rows after it", async () => {
      const id = await db.startRun();
      const inserts = Array.from({ length: 9_000 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
      await db.commit(sampleGroup(RUN, 1, { inserts, run: { state: "cancelled", endedAt: T0 } }));

      const first = await db.store.prune({ endedBefore: T0 + DAY });
      expect([first.runs, first.more, await db.store.loadRun(RUN)]).toEqual([[RUN], true, null]);

      expect(await pruneAll(T0 + DAY)).toEqual([]);
      expect(await db.startRun(RUN)).toBeGreaterThan(id + 9_000);
      expect((await db.load()).taskRuns).toHaveLength(1);
    });

    test("a run that was opened again is unfinished", async () => {
      await db.startRun();
      await db.commit(end(RUN, T0));
      await db.commit(sampleGroup(RUN, 2, { run: { state: "queued", generation: 2, endedAt: null } }));

      expect(await pruneAll(T0 + DAY)).toEqual([]);
    });

    test("ids and numbers of pruned rows are not given again, also after a reopen", async () => {
      const id = await db.startRun();
      await db.commit(end(RUN, T0));
      await pruneAll(T0 + DAY);
      await db.reopen();

      expect(await db.startRun(sampleRunId(2))).toBeGreaterThan(id);
    });

    test("versions that nothing refers to go, with their bundles; the latest, the newest and those of runs stay", async () => {
      const edition = (name: string, more = {}) => db.store.registerVersion(sampleVersion("stock", ["a"], name, more));
      const old = await edition("old");
      const latest = await edition("latest", { latest: true });
      const pinnedBefore = await edition("pinned before");
      const pinned = await edition("pinned");
      await edition("used again");
      await edition("used again", { createdAt: T0 + 2 * DAY });
      const newest = await edition("newest");
      await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, pinnedBefore.id) }));
      await db.commit(sampleGroup(RUN, 1, { run: { versionId: pinned.id } }));

      const { versions, bundles } = await db.store.prune({ endedBefore: T0 + DAY });

      expect([versions, bundles]).toEqual([1, 1]);
      expect(await db.store.getVersion(old.id)).toBeNull();
      expect(await db.store.getBundle(old.bundleHash)).toBeNull();
      for (const kept of [latest, pinnedBefore, pinned, newest, db.version])
        expect(await db.store.getVersion(kept.id)).toEqual(kept);
    });

    test("of a workflow that was retired before, the last version goes too, once no run has it; it may come back", async () => {
      const [gone, used] = [sampleVersion("gone", ["a"]), sampleVersion("used", ["a"])];
      const { workflows } = await db.store.deploy({ versions: [gone, used], at: T0 });
      const [first, second] = workflows.map(({ version }) => version);
      await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, second!.id) }));
      await db.store.deploy({ versions: [], at: T0 + 1 });

      expect(await db.store.prune({ endedBefore: T0 + 1 })).toMatchObject({ versions: 0 });
      expect(await db.store.prune({ endedBefore: T0 + DAY })).toMatchObject({ versions: 1, bundles: 1 });
      expect(await db.store.getVersion(first!.id)).toBeNull();
      expect(await db.store.latestVersion("gone")).toBeNull();
      expect(await db.store.getVersion(second!.id)).toEqual(second);
      expect((await db.reader.listWorkflows()).map(({ name }) => name)).not.toContain("gone");

      await db.store.deploy({ versions: [gone], at: T0 + DAY });
      expect((await db.store.latestVersion("gone"))?.hash).toBe(gone.hash);
    });
  });
}
