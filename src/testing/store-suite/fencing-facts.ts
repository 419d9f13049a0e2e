import { describe, expect, test } from "vitest";
import { finished, sampleGroup, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function fencingFacts(db: StoreFixture): void {
  describe("fencing", () => {
    test("a worker that lost the task run cannot finish it", async () => {
      const id = await db.startRun();
      await db.commit(
        sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 + 3 }] }),
      );
      await db.commit(sampleGroup(RUN, 2, { changes: [{ id, claim: 1, kind: "claim", worker: "w2", at: T0 + 4 }] }));

      expect(await db.applied(sampleGroup(RUN, 3, { changes: [finished(id, 1)] }))).toEqual([false]);
      expect(await db.taskRun(id)).toMatchObject({
        state: "running",
        claim: 2,
        worker: "w2",
        losses: 1,
        hasOutput: false,
      });
      expect(await db.applied(sampleGroup(RUN, 3, { changes: [finished(id, 2)] }))).toEqual([true]);
    });

    test("a task run that waits to be claimed again cannot be finished under its last claim", async () => {
      const id = await db.startRun();
      await db.commit(
        sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 + 3 }] }),
      );

      expect(await db.applied(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }))).toEqual([false]);
      expect(await db.taskRun(id)).toMatchObject({ state: "queued", claim: 1 });
    });

    test("a task run ends once", async () => {
      const id = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }));

      expect(await db.applied(sampleGroup(RUN, 2, { changes: [finished(id, 1, { state: "failed" })] }))).toEqual([
        false,
      ]);
      expect(await db.taskRun(id)).toMatchObject({ state: "succeeded" });
    });

    test("a change in the group of another run matches nothing", async () => {
      const id = await db.startRun();
      await db.startRun(sampleRunId(2));

      expect(await db.applied(sampleGroup(sampleRunId(2), 1, { changes: [finished(id, 1)] }))).toEqual([false]);
    });

    test("a step that the task run's state table does not have is refused before anything is written", async () => {
      const id = await db.startRun();
      const decide = {
        id,
        claim: 1,
        kind: "decide",
        from: "succeeded",
        to: "failed",
        at: T0,
        error: null,
        skipReason: null,
      } as const;

      await expect(db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1), decide] }))).rejects.toThrow(
        'cannot go from "succeeded" to "failed"',
      );
      expect(await db.taskRun(id)).toMatchObject({ state: "running" });
    });

    test("a retried task run keeps its claim rising through a new generation", async () => {
      const id = await db.startRun();
      await db.commit(
        sampleGroup(RUN, 1, {
          changes: [
            { id, claim: 1, kind: "retry", attempt: 2, dueAt: T0 + 9, error: { name: "Error", message: "no" } },
          ],
        }),
      );
      expect(await db.taskRun(id)).toMatchObject({
        state: "up_for_retry",
        attempt: 2,
        dueAt: T0 + 9,
        error: { message: "no" },
      });

      await db.commit(
        sampleGroup(RUN, 2, {
          changes: [{ id, claim: 1, kind: "requeue", from: "up_for_retry", losses: 0, at: T0 + 9 }],
        }),
      );
      await db.commit(sampleGroup(RUN, 3, { changes: [{ id, claim: 1, kind: "claim", worker: "w1", at: T0 + 9 }] }));
      await db.commit(sampleGroup(RUN, 4, { changes: [finished(id, 2)] }));
      await db.commit(
        sampleGroup(RUN, 5, {
          changes: [
            { id, claim: 2, kind: "reopen", from: "succeeded", generation: 2, groupRetries: [1], discarded: 1, at: T0 },
          ],
        }),
      );

      expect(await db.taskRun(id)).toMatchObject({
        state: "waiting",
        claim: 2,
        attempt: 1,
        generation: 2,
        groupRetries: [1],
        discarded: 1,
        hasOutput: false,
        error: null,
      });
    });
  });
}
