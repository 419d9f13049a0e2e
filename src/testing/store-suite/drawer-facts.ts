import { describe, expect, test } from "vitest";
import { finished, sampleGroup, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function drawerFacts(db: StoreFixture): void {
  describe("drawers", () => {
    test("a task run that was told to stop by itself says so when its run is loaded, under that claim alone", async () => {
      const id = await db.startRun();
      const isStopping = async () => (await db.load()).taskRuns[0]!.isStopping;
      const stop = { taskRunId: id, claim: 1, to: { drawer: "stop", taskRunId: id }, value: "1" } as const;
      expect(await isStopping()).toBeUndefined();
      await db.commit(sampleGroup(RUN, 1, { drawers: [stop] }));
      expect(await isStopping()).toBe(true);
      const requeue = { id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 } as const;
      await db.commit(sampleGroup(RUN, 2, { changes: [requeue] }));
      expect(await isStopping()).toBeUndefined();
      await db.commit(sampleGroup(RUN, 3, { changes: [{ id, claim: 1, kind: "claim", worker: "w", at: T0 }] }));
      expect(await isStopping()).toBeUndefined();
    });

    test("a drawer is written only under the claim that runs", async () => {
      const id = await db.startRun();
      const to = { drawer: "state", taskRunId: id, key: "job" } as const;

      expect(await db.applied(sampleGroup(RUN, 1, { drawers: [{ taskRunId: id, claim: 1, to, value: "1" }] }))).toEqual(
        [true],
      );
      expect(await db.applied(sampleGroup(RUN, 2, { drawers: [{ taskRunId: id, claim: 2, to, value: "2" }] }))).toEqual(
        [false],
      );
      expect(await db.store.readDrawer(to)).toBe("1");

      await db.commit(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }));
      expect(await db.applied(sampleGroup(RUN, 3, { drawers: [{ taskRunId: id, claim: 1, to, value: "3" }] }))).toEqual(
        [false],
      );
    });

    test("memory belongs to the task across runs; null deletes", async () => {
      const to = { drawer: "memory", taskId: db.tasks[0]!, key: "high water" } as const;
      const first = await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { drawers: [{ taskRunId: first, claim: 1, to, value: "10" }] }));
      const second = await db.startRun(sampleRunId(2));
      expect(await db.store.readDrawer(to)).toBe("10");

      await db.commit(sampleGroup(sampleRunId(2), 1, { drawers: [{ taskRunId: second, claim: 1, to, value: null }] }));
      expect(await db.store.readDrawer(to)).toBeNull();
    });

    test("a key is data, however long and whatever characters it has", async () => {
      const id = await db.startRun();
      const key = `it's \u0000 \\0 ä 🎻 ${"long ".repeat(2_000)}`;
      const to = { drawer: "state", taskRunId: id, key } as const;
      const write = (value: string | null) => ({ drawers: [{ taskRunId: id, claim: 1, to, value }] });

      await db.commit(sampleGroup(RUN, 1, write("1")));
      await db.commit(sampleGroup(RUN, 2, write("2")));
      expect(await db.store.readDrawer(to)).toBe("2");
      expect(await db.store.readDrawer({ ...to, key: key.replace("\u0000", "\\0") })).toBeNull();
      await db.commit(sampleGroup(RUN, 3, { drawers: [...write("3").drawers, ...write(null).drawers] }));
      expect(await db.store.readDrawer(to)).toBeNull();
    });

    test("throwing a success away empties the state drawer; retrying a failure keeps it", async () => {
      const id = await db.startRun();
      const to = { drawer: "state", taskRunId: id, key: "job" } as const;
      const reopened = (from: "failed" | "succeeded", claim: number) =>
        ({ id, claim, kind: "reopen", from, generation: 2, groupRetries: [], discarded: 0, at: T0 }) as const;
      await db.commit(
        sampleGroup(RUN, 1, {
          drawers: [{ taskRunId: id, claim: 1, to, value: "1" }],
          changes: [finished(id, 1, { state: "failed" })],
        }),
      );
      await db.commit(sampleGroup(RUN, 2, { changes: [reopened("failed", 1)] }));
      expect(await db.store.readDrawer(to)).toBe("1");

      await db.commit(
        sampleGroup(RUN, 3, {
          changes: [
            { id, claim: 1, kind: "decide", from: "waiting", to: "queued", at: T0, error: null, skipReason: null },
          ],
        }),
      );
      await db.commit(sampleGroup(RUN, 4, { changes: [{ id, claim: 1, kind: "claim", worker: "w", at: T0 }] }));
      await db.commit(sampleGroup(RUN, 5, { changes: [finished(id, 2)] }));
      await db.commit(sampleGroup(RUN, 6, { changes: [reopened("succeeded", 2)] }));
      expect(await db.store.readDrawer(to)).toBeNull();
    });
  });
}
