import { partitionWindow } from "../../core/schedule-cursor.ts";
import { PARTITION_SCHEDULE } from "../../core/workflow-partitions.ts";
import { describe, expect, test } from "vitest";
import { sampleGroup, sampleRunId, T0 } from "../store-samples.ts";
import { backfillHand, ID, NOW } from "./backfill-hand.ts";
import type { StoreFixture } from "./store-fixture.ts";

export function backfillRunFacts(db: StoreFixture): void {
  const { backfills, register, create, only, window, step, end, reopen } = backfillHand(db);

  describe("runs of backfills", () => {
    test("runs that have ended are opened again, and count as at work until that has been done and they have ended", async () => {
      const versionId = await register();
      await create();
      await step(
        versionId,
        [0, 1].map((day) => window(day, versionId)),
      );
      await end(1, "succeeded");
      await end(2, "failed");
      await create({ reprocess: "failed" }, 10, "second");

      const result = await step(
        versionId,
        [0, 1, 2].map((day) => window(day, versionId, day + 11)),
        {},
        "second",
      );
      expect(result).toMatchObject({
        judged: [
          { action: "skip", reason: "already_exists" },
          { action: "run", reason: "failed" },
          { action: "run", reason: "missing" },
        ],
        runs: [sampleRunId(13)],
        reopens: [sampleRunId(2)],
        after: { reopens: 1, progress: { running: 2, skipped: 1 } },
      });
      expect(await backfills().openRuns("second")).toEqual([
        { runId: sampleRunId(2), reopens: true },
        { runId: sampleRunId(13), reopens: false },
      ]);
      expect(await db.store.prune({ endedBefore: NOW })).toMatchObject({ runs: [sampleRunId(1)] });
      await create({ reprocess: "all" }, 10, "third");
      const third = await step(versionId, [window(1, versionId, 21)], {}, "third");
      expect(third.judged).toEqual([{ action: "skip", reason: "in_flight" }]);

      const { revision } = (await db.load(sampleRunId(2))).run;
      const overAtOnce = { state: "failed", generation: 2, endedAt: T0 } as const;
      await db.commit(sampleGroup(sampleRunId(2), revision, { run: overAtOnce }));
      expect(await only("second")).toMatchObject({ reopens: 0, progress: { running: 1, failed: 1 } });
      await reopen(2);
      expect(await only("second")).toMatchObject({ reopens: 0, progress: { running: 2 } });
      expect((await db.load(sampleRunId(2))).run.backfill).toBe("second");
      await end(2, "succeeded");
      expect((await only("second")).progress).toMatchObject({ running: 1, succeeded: 1 });
    });

    test("a window whose run was pruned keeps its outcome, and gets a new run when it is run again", async () => {
      const versionId = await register();
      await create();
      await step(versionId, [window(0, versionId)]);
      await end(1, "succeeded");
      await db.store.prune({ endedBefore: NOW });
      expect(await db.store.loadRun(sampleRunId(1))).toBeNull();
      await create({}, 10, "second");
      const none = await step(versionId, [window(0, versionId, 2)], {}, "second");
      expect(none.judged).toEqual([{ action: "skip", reason: "already_exists" }]);
      await create({ reprocess: "all" }, 10, "third");
      const all = await step(versionId, [window(0, versionId, 3)], {}, "third");
      expect(all).toMatchObject({
        judged: [{ action: "run", reason: "succeeded" }],
        runs: [sampleRunId(3)],
        reopens: [],
      });
      expect(await db.store.schedules.activeRuns("feed")).toMatchObject([{ id: sampleRunId(3) }]);
    });

    test("it has ended when its last window was reached and the last run has ended; then its counts stay", async () => {
      const versionId = await register();
      await create();
      const windows = [0, 1, 2, 3].map((day) => window(day, versionId));
      await step(versionId, windows, { exhausted: true });
      for (const run of [1, 2, 3]) await end(run, "succeeded");
      expect((await step(versionId, [], { exhausted: true })).after).toMatchObject({ state: "running", endedAt: null });
      await end(4, "failed");
      const progress = { todo: 0, running: 0, succeeded: 3, failed: 1 };
      expect(await step(versionId, [], { exhausted: true })).toMatchObject({
        after: { state: "failed", endedAt: NOW, progress },
      });
      expect(await backfills().unended()).toEqual([]);
      await reopen(4);
      await end(4, "succeeded");
      expect(await only()).toMatchObject({ state: "failed", progress });
      expect((await step(versionId, [], { exhausted: true })).applied).toBe(false);
      expect(await backfills().turn(ID, "resume", NOW)).toMatchObject({ state: "failed" });
    });

    test("a paused one steps no more until it is resumed", async () => {
      const versionId = await register();
      await create();
      expect(await backfills().turn(ID, "pause", NOW)).toMatchObject({ state: "paused" });
      expect(await step(versionId, [window(0, versionId)])).toMatchObject({ judged: [], runs: [] });
      expect(await backfills().turn(ID, "resume", NOW)).toMatchObject({ state: "running" });
      expect((await step(versionId, [window(0, versionId)])).runs).toEqual([sampleRunId(1)]);
      expect(await backfills().turn("nothing", "pause", NOW)).toBeNull();
    });

    test("a cancelled one has ended when nothing of it is at work, and leaves closed what was to be opened again", async () => {
      const versionId = await register();
      await create({}, 10, "first");
      await step(versionId, [window(0, versionId)], {}, "first");
      await end(1, "failed");
      await create({ reprocess: "all" });
      await step(versionId, [window(0, versionId, 9), window(1, versionId)]);
      expect(await backfills().turn(ID, "cancel", NOW)).toMatchObject({
        state: "cancelled",
        endedAt: null,
        reopens: 0,
      });
      expect(await backfills().openRuns(ID)).toEqual([{ runId: sampleRunId(2), reopens: false }]);
      expect(await step(versionId, [window(2, versionId)])).toMatchObject({ judged: [], runs: [] });
      await end(2, "cancelled");
      expect((await step(versionId, [])).after).toMatchObject({
        state: "cancelled",
        endedAt: NOW,
        progress: {
          todo: 2,
          running: 0,
          failed: 1,
          cancelled: 1,
        },
      });
      await create({}, 10, "third");
      expect(await backfills().turn("third", "cancel", NOW)).toMatchObject({ state: "cancelled", endedAt: NOW });
    });

    test("a partition has one run, which knows its key, and is found by it", async () => {
      const versionId = await register();
      const schedule = { ...PARTITION_SCHEDULE };
      await create({ schedule });
      const keys = ["emea", "2025-01-02|apac, \u00fc"];
      const parts = keys.map((partition, day) => {
        const { run, ...part } = window(day, versionId);
        return { ...part, local: partitionWindow(partition), run: { ...run, partition } };
      });
      const made = await step(versionId, parts);
      expect(made).toMatchObject({
        judged: [{ reason: "missing" }, { reason: "missing" }],
        after: { progress: { running: 2 } },
      });
      for (const [place, key] of keys.entries())
        expect((await db.load(sampleRunId(place + 1))).run).toMatchObject({ partition: key, backfill: ID });
      await end(1, "failed");
      const query = { workflow: "feed", schedule: schedule.name, from: 0, to: NOW, limit: 10 };
      const found = async (partitions?: readonly string[]) =>
        (await db.reader.listWindows({ ...query, ...(partitions && { partitions }) })).map((row) => [
          row.start,
          row.lastOutcome,
        ]);
      expect(await found()).toEqual([
        ["emea", "failed"],
        [keys[1], null],
      ]);
      expect(await found([keys[0]!, "none"])).toEqual([["emea", "failed"]]);
      await create({ schedule, reprocess: "failed" }, 10, "second");
      const again = parts.map((part, place) => ({ ...part, run: window(place, versionId, 50 + place).run }));
      expect(await step(versionId, again, {}, "second")).toMatchObject({
        judged: [
          { action: "run", reason: "failed" },
          { action: "skip", reason: "in_flight" },
        ],
        runs: [],
        reopens: [sampleRunId(1)],
      });
    });
  });
}
