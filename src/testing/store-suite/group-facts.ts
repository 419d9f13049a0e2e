import { describe, expect, test } from "vitest";
import { finished, queued, sampleAttempt, sampleGroup, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function groupFacts(db: StoreFixture): void {
  describe("groups", () => {
    test("a stale group is dropped whole and costs another run nothing", async () => {
      const ids = [
        await db.startRun(sampleRunId(0)),
        await db.startRun(sampleRunId(1)),
        await db.startRun(sampleRunId(2)),
      ];

      const results = await db.commit(
        ...ids.map((id, run) =>
          sampleGroup(sampleRunId(run), 1, {
            inserts: [queued(db.tasks[1]!), queued(db.tasks[2]!)],
            // The claim of the second is one that it never had, and it fails after its first change was written.
            changes: run === 1 ? [finished(id, 1), finished(id, 2)] : [finished(id, 1)],
          }),
        ),
      );

      expect(results.map((result) => [result.applied, result.ids.length])).toEqual([
        [true, 2],
        [false, 0],
        [true, 2],
      ]);
      expect((await db.load(sampleRunId(1))).taskRuns).toMatchObject([{ id: ids[1], state: "running" }]);
      const { taskRuns } = await db.load(sampleRunId(2));
      expect(new Map(taskRuns.map((row) => [row.id, row.state]))).toEqual(
        new Map([[ids[2], "succeeded"], ...results[2]!.ids.map((id) => [id, "queued"] as const)]),
      );
    });

    test("a stale group keeps its run out of the counters of the workflow", async () => {
      await db.startRun();
      await db.startRun(sampleRunId(2));
      await db.commit(
        sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 }, changes: [finished(1, 99)] }),
        sampleGroup(sampleRunId(2), 1, { run: { state: "succeeded", endedAt: T0 } }),
      );

      expect((await db.reader.listWorkflows())[0]).toMatchObject({ counts: { running: 1, succeeded: 1 } });
    });

    test("an id is given once, also after a reopen and after a dropped group", async () => {
      const first = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { inserts: [queued(db.tasks[1]!)], changes: [finished(first, 7)] }));
      await db.reopen();

      const [result] = await db.commit(sampleGroup(RUN, 1, { inserts: [queued(db.tasks[1]!), queued(db.tasks[2]!)] }));

      expect(new Set([first, ...result!.ids]).size).toBe(3);
    });

    test("a place in a run is taken once", async () => {
      await db.startRun();

      expect(await db.applied(sampleGroup(RUN, 1, { inserts: [queued(db.tasks[0]!)] }))).toEqual([false]);
      expect(
        await db.applied(
          sampleGroup(RUN, 1, {
            inserts: [queued(db.tasks[0]!, { mapIndex: 0 }), queued(db.tasks[0]!, { mapIndex: 1 })],
          }),
        ),
      ).toEqual([true]);
    });

    test("ten thousand rows go in with one group and come back", async () => {
      await db.startRun();
      const inserts = Array.from({ length: 10_000 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
      const [result] = await db.commit(sampleGroup(RUN, 1, { inserts }));

      const { taskRuns } = await db.load();
      expect(taskRuns).toHaveLength(10_001);
      expect(new Set(result!.ids).size).toBe(10_000);
      expect((await db.reader.listRuns({ limit: 1 }))[0]?.counts).toEqual({ running: 1, queued: 10_000 });
    });

    test("ten thousand rows are claimed with one group and finished with the next, in no more than a moment each", async () => {
      await db.startRun();
      const inserts = Array.from({ length: 10_000 }, (_, mapIndex) => queued(db.tasks[1]!, { mapIndex }));
      const [result] = await db.commit(sampleGroup(RUN, 1, { inserts }));
      const ids = result!.ids;
      const startedAt = performance.now();
      await db.commit(
        sampleGroup(RUN, 2, {
          changes: ids.map((id) => ({ id, claim: 0, kind: "claim", worker: "w", at: T0 }) as const),
        }),
      );
      const attempts = ids.map((id) => sampleAttempt({ id }, db.version.id));
      await db.commit(sampleGroup(RUN, 3, { changes: ids.map((id) => finished(id, 1)), attempts }));

      expect((await db.reader.listRuns({ limit: 1 }))[0]?.counts).toEqual({ running: 1, succeeded: 10_000 });
      // A database that joins them the wrong way takes half a minute.
      expect(performance.now() - startedAt).toBeLessThan(8_000);
    });

    test("several steps of one row in one group are one, and a step that does not follow from the one before drops it", async () => {
      const id = await db.startRun();
      const claim = (under: number) => ({ id, claim: under, kind: "claim", worker: "w2", at: T0 + 7 }) as const;
      const requeue = { id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 + 6 } as const;

      expect(await db.applied(sampleGroup(RUN, 1, { changes: [requeue, claim(2)] }))).toEqual([false]);
      expect(await db.applied(sampleGroup(RUN, 1, { changes: [requeue, claim(1)] }))).toEqual([true]);
      expect(await db.taskRun(id)).toMatchObject({
        state: "running",
        claim: 2,
        worker: "w2",
        losses: 1,
        queuedAt: T0 + 6,
      });
    });

    test("two groups of one run in one batch apply one after the other", async () => {
      const id = await db.startRun();
      const next = { inserts: [queued(db.tasks[1]!)] };

      expect(
        await db.applied(
          sampleGroup(RUN, 1, { changes: [finished(id, 1)] }),
          sampleGroup(RUN, 2, next),
          sampleGroup(RUN, 2, next),
        ),
      ).toEqual([true, true, false]);
      expect(await db.load()).toMatchObject({ run: { revision: 3 }, taskRuns: { length: 2 } });
    });
  });
}
