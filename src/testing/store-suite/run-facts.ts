import { describe, expect, test } from "vitest";
import { finished, queued, running, sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function runFacts(db: StoreFixture): void {
  describe("runs", () => {
    test("a run comes back as it was made", async () => {
      const run = sampleRun(RUN, db.version.id, {
        paramsInput: '["in"]',
        params: '["out"]',
        paramsLists: { regions: { length: 2 } },
      });
      await db.commit(sampleGroup(RUN, 0, { create: run }));

      expect((await db.load()).run).toEqual({
        ...run,
        workflow: "sales",
        backfill: null,
        revision: 1,
        cancelRequested: false,
        startedAt: null,
        endedAt: null,
      });
      expect(await db.store.loadRun("nothing")).toBeNull();
    });

    test("a run is created once", async () => {
      await db.startRun();

      expect(
        await db.applied(
          sampleGroup(RUN, 0, { create: sampleRun(RUN, db.version.id), inserts: [running(db.tasks[1]!)] }),
        ),
      ).toEqual([false]);
      expect((await db.load()).taskRuns).toHaveLength(1);
    });

    test("the revision rises with every group, and a decision on an older one is dropped", async () => {
      const id = await db.startRun();
      expect(await db.applied(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }))).toEqual([true]);

      expect(
        await db.applied(sampleGroup(RUN, 1, { run: { cancelRequested: true }, inserts: [queued(db.tasks[1]!)] })),
      ).toEqual([false]);
      const { run, taskRuns } = await db.load();
      expect([run.revision, run.cancelRequested, taskRuns.length]).toEqual([2, false, 1]);
    });

    test("a run remembers that its time was over, until it is opened again", async () => {
      await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { run: { cancelRequested: true, timedOut: true } }));
      expect((await db.load()).run).toMatchObject({ cancelRequested: true, timedOut: true });

      await db.commit(sampleGroup(RUN, 2, { run: { state: "failed", endedAt: T0 + 5 } }));
      expect((await db.load()).run.timedOut).toBe(true);

      const again = { state: "queued", generation: 2, cancelRequested: false, timedOut: false, endedAt: null } as const;
      await db.commit(sampleGroup(RUN, 3, { run: again }));
      expect((await db.load()).run.timedOut).toBeUndefined();
    });

    test("an ended run is no longer unfinished, and a new generation opens it again", async () => {
      await db.startRun();
      await db.startRun(sampleRunId(0));
      expect(await db.store.unfinishedRuns()).toEqual([sampleRunId(0), RUN]);

      await db.commit(sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 + 5 } }));
      expect(await db.store.unfinishedRuns()).toEqual([sampleRunId(0)]);

      await db.commit(sampleGroup(RUN, 2, { run: { state: "queued", generation: 2, endedAt: null } }));
      expect((await db.load()).run).toMatchObject({ state: "queued", generation: 2, endedAt: null });
      expect(await db.store.unfinishedRuns()).toHaveLength(2);
    });

    test("a step that the run's state table does not have is refused, and nothing is written", async () => {
      await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { run: { state: "succeeded", endedAt: T0 } }));

      await expect(db.commit(sampleGroup(RUN, 2, { run: { state: "running" } }))).rejects.toThrow(
        'cannot go from "succeeded" to "running"',
      );
      expect((await db.load()).run).toMatchObject({ state: "succeeded", revision: 2 });
    });
  });
}
