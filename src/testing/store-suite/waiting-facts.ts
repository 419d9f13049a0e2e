import { describe, expect, test } from "vitest";
import { finished, sampleGroup, sampleWait, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function waitingFacts(db: StoreFixture): void {
  describe("waiting", () => {
    const wait = sampleWait({ kind: "sensor", checks: 3, since: T0 });

    test("a task run that waits holds its claim, and what it waits for until its attempt ends", async () => {
      const id = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "defer", wait, at: T0 + 3 }] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "deferred", claim: 1, dueAt: wait.dueAt, wait });

      await db.commit(
        sampleGroup(RUN, 2, { changes: [{ id, claim: 1, kind: "requeue", from: "deferred", losses: 0, at: T0 + 4 }] }),
      );
      expect(await db.taskRun(id)).toMatchObject({ state: "queued", claim: 1, dueAt: null, wait, queuedAt: T0 + 4 });

      await db.commit(sampleGroup(RUN, 3, { changes: [{ id, claim: 1, kind: "claim", worker: "w2", at: T0 + 5 }] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "running", claim: 2, wait });

      await db.commit(sampleGroup(RUN, 4, { changes: [finished(id, 2, { firstClaim: 1 })] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "succeeded", wait: null, firstClaim: 1 });
    });

    test("whoever has a task run that waits can neither finish it nor write for it", async () => {
      const id = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "defer", wait, at: T0 + 3 }] }));

      const to = { drawer: "steps", taskRunId: id, key: "1" } as const;
      const write = { taskRunId: id, claim: 1, to, value: "late" };
      expect(await db.applied(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }))).toEqual([false]);
      expect(await db.applied(sampleGroup(RUN, 2, { drawers: [write] }))).toEqual([false]);
      expect(
        await db.applied(sampleGroup(RUN, 2, { changes: [{ id, claim: 1, kind: "defer", wait, at: 0 }] })),
      ).toEqual([false]);
    });

    test("a task run that waits is cancelled like any other", async () => {
      const id = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "defer", wait, at: T0 + 3 }] }));
      const decided = { kind: "decide", from: "deferred", to: "cancelled", error: null, skipReason: null } as const;
      await db.commit(sampleGroup(RUN, 2, { changes: [{ id, claim: 1, ...decided, at: T0 + 4 }] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "cancelled", dueAt: null, wait: null });
    });

    test("steps come back in their order, are nobody's keys, and become durable together with the wait", async () => {
      const id = await db.startRun();
      const step = (key: string, value: string) => ({
        taskRunId: id,
        claim: 1,
        to: { drawer: "steps", taskRunId: id, key } as const,
        value,
      });
      const own = (key: string) => ({ drawer: "state", taskRunId: id, key }) as const;
      const keys = ["\u0001000000001", "\u0001", "\u0002", "\u0002\u0001", "\u00031/0", "\u0004", "000000001"];
      await db.commit(
        sampleGroup(RUN, 1, {
          drawers: [
            step("000000002", "two"),
            step("000000001", "one"),
            ...keys.map((key) => ({ taskRunId: id, claim: 1, to: own(key), value: JSON.stringify(key) })),
          ],
        }),
      );
      await db.commit(
        sampleGroup(RUN, 2, {
          drawers: [step("000000010", "ten")],
          changes: [{ id, claim: 1, kind: "defer", wait, at: T0 + 3 }],
        }),
      );
      expect(await db.store.readSteps(id)).toEqual(["one", "two", "ten"]);
      for (const key of keys) expect(await db.store.readDrawer(own(key))).toBe(JSON.stringify(key));
      expect(await db.store.readSteps(id + 1)).toEqual([]);
    });

    test("what is recorded, and a wait, forgive the workers that were lost before", async () => {
      const id = await db.startRun();
      const again = (claim: number, losses: number) =>
        [
          { id, claim, kind: "requeue", from: "running", losses, at: T0 + 3 },
          { id, claim, kind: "claim", worker: "w2", at: T0 + 4 },
        ] as const;
      await db.commit(sampleGroup(RUN, 1, { changes: [...again(1, 1), ...again(2, 2)] }));
      const to = { drawer: "steps", taskRunId: id, key: "1" } as const;
      await db.commit(sampleGroup(RUN, 2, { drawers: [{ taskRunId: id, claim: 3, to, value: "one" }] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "running", claim: 3, losses: 0 });

      await db.commit(sampleGroup(RUN, 3, { changes: again(3, 1) }));
      await db.commit(sampleGroup(RUN, 4, { changes: [{ id, claim: 4, kind: "defer", wait, at: T0 + 5 }] }));
      expect(await db.taskRun(id)).toMatchObject({ state: "deferred", losses: 0 });
    });

    test("throwing a success away forgets the steps; retrying a failure keeps them", async () => {
      const id = await db.startRun();
      const to = { drawer: "steps", taskRunId: id, key: "1" } as const;
      const reopened = (from: "failed" | "succeeded", claim: number) =>
        ({ id, claim, kind: "reopen", from, generation: 2, groupRetries: [], discarded: 0, at: T0 }) as const;
      const again = (claim: number) =>
        [
          { id, claim, kind: "decide", from: "waiting", to: "queued", at: T0, error: null, skipReason: null },
          { id, claim, kind: "claim", worker: "w1", at: T0 },
        ] as const;
      await db.commit(
        sampleGroup(RUN, 1, {
          drawers: [{ taskRunId: id, claim: 1, to, value: "one" }],
          changes: [finished(id, 1, { state: "failed" }), reopened("failed", 1), ...again(1)],
        }),
      );
      expect(await db.store.readSteps(id)).toEqual(["one"]);
      await db.commit(sampleGroup(RUN, 2, { changes: [finished(id, 2), reopened("succeeded", 2)] }));
      expect(await db.store.readSteps(id)).toEqual([]);
    });
  });
}
