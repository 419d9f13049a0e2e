import { describe, expect, test } from "vitest";
import { sampleRunId, T0 } from "../store-samples.ts";
import { backfillHand, FREE, ID, NOW, PLAN } from "./backfill-hand.ts";
import { scheduledVersion } from "./schedule-facts.ts";
import { DAY, type StoreFixture } from "./store-fixture.ts";

export function backfillFacts(db: StoreFixture): void {
  const { backfills, register, create, window, step, end, reopen } = backfillHand(db);

  describe("backfills", () => {
    test("one is there as it was asked for, asked twice it is one, and it outlives a reopen", async () => {
      await register();
      const made = await create();
      expect(made).toMatchObject({
        id: ID,
        workflow: "feed",
        plan: PLAN,
        state: "running",
        revision: 0,
        reached: null,
      });
      expect(made.progress).toEqual({
        total: 4,
        todo: 4,
        running: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
        in_flight: 0,
        skipped: 0,
      });
      expect(await create()).toEqual(made);
      await db.reopen();
      expect(await backfills().unended()).toEqual([made]);
      expect(await db.reader.listBackfills({ limit: 10 })).toEqual([made]);
      expect(await db.reader.listBackfills({ limit: 10, workflow: "sales" })).toEqual([]);
      expect(await db.reader.findBackfill("back")).toEqual(made);
      expect(await db.reader.listBackfills({ limit: 10, workflow: ["sales", "feed"], states: ["running"] })).toEqual([
        made,
      ]);
      expect(await db.reader.listBackfills({ limit: 10, states: ["paused", "failed"] })).toEqual([]);
      expect(await db.reader.listBackfills({ limit: 10, before: made.id })).toEqual([]);
      await expect(db.reader.findBackfill("bakc")).rejects.toMatchObject({ code: "BACKFILL_NOT_FOUND" });
      await create({}, 10, "backfill2");
      await expect(db.reader.findBackfill("back")).rejects.toMatchObject({ code: "BACKFILL_ID_AMBIGUOUS" });
      await expect(create({}, 10, "b3", "nothing")).rejects.toMatchObject({ code: "WORKFLOW_NOT_REGISTERED" });
    });

    test("a step runs the windows that have no run, skips the others, and moves on; what a scheduler decides later makes no second run", async () => {
      const versionId = await register();
      const [record] = await db.store.schedules.list(["feed"]);
      const decided = window(1, versionId, 50);
      const live = { ...decided.local, startsAt: decided.window.start, held: false };
      const cursor = { schedule: "schedule", rule: "{}", ...decided.local };
      await db.store.schedules.decide([
        {
          schedule: record!.id,
          revision: 0,
          versionId,
          cursor,
          windows: [{ ...live, state: "run", run: decided.run }],
        },
      ]);
      await create();
      const windows = [0, 1, 2].map((day) => window(day, versionId));

      const result = await step(versionId, windows);
      expect(result).toMatchObject({
        applied: true,
        judged: [
          { action: "run", reason: "missing" },
          { action: "skip", reason: "in_flight" },
          { action: "run", reason: "missing" },
        ],
        runs: [sampleRunId(1), sampleRunId(3)],
        reopens: [],
        waits: null,
        after: { reached: T0 + 3 * DAY, progress: { todo: 1, running: 2, in_flight: 1, skipped: 0 } },
      });
      expect((await db.load(sampleRunId(1))).run).toMatchObject({ state: "queued", trigger: "backfill", backfill: ID });
      expect((await db.load(sampleRunId(50))).run.backfill).toBeNull();
      expect([...(await db.store.unfinishedRuns())].sort()).toEqual([1, 3, 50].map(sampleRunId));
      expect(await backfills().openRuns(ID)).toEqual(
        [1, 3].map((run) => ({ runId: sampleRunId(run), reopens: false })),
      );

      const again = { ...window(2, versionId, 60).local, startsAt: windows[2]!.window.start, held: false };
      const next = { schedule: record!.id, revision: 1, versionId, cursor: { ...cursor, ...again } };
      const run = window(2, versionId, 60).run;
      expect(await db.store.schedules.decide([{ ...next, windows: [{ ...again, state: "run", run }] }])).toEqual([
        { applied: true, runs: [] },
      ]);
    });

    test("of two that step from one place, one does", async () => {
      const versionId = await register();
      await create();
      const one = (run: number) => ({
        id: ID,
        revision: 0,
        versionId,
        windows: [window(0, versionId, run)],
        exhausted: false,
        limits: FREE,
        yields: true,
        now: NOW,
      });
      const results = await Promise.all([backfills().step(one(1)), backfills().step(one(2))]);
      expect(results.filter(({ applied }) => applied)).toHaveLength(1);
      expect((await db.store.unfinishedRuns()).length).toBe(1);
      expect((await backfills().step(one(1))).applied).toBe(false);
    });

    test("it begins no more than it may at once, and no more than its workflow may", async () => {
      const versionId = await register();
      await create({}, 2);
      const windows = [0, 1, 2, 3].map((day) => window(day, versionId));
      const first = await step(versionId, windows);
      expect([first.judged.length, first.waits]).toEqual([2, "room"]);
      await end(1, "succeeded");
      const limits = { maxActive: 1, past: [] };
      expect(await step(versionId, windows.slice(2), { limits })).toMatchObject({ judged: [], waits: "room" });
      await end(2, "failed");
      const last = await step(versionId, windows.slice(2), { limits, exhausted: true });
      expect(last).toMatchObject({
        runs: [sampleRunId(3)],
        waits: "room",
        after: { progress: { todo: 1, running: 1 } },
      });
    });

    test("it makes way for runs that are held back, unless nobody lets them in", async () => {
      const versionId = await register();
      const [record] = await db.store.schedules.list(["feed"]);
      const { local, window: at, run } = window(9, versionId, 50);
      const cursor = { schedule: "schedule", rule: "{}", ...local };
      await db.store.schedules.decide([
        {
          schedule: record!.id,
          revision: 0,
          versionId,
          cursor,
          windows: [
            {
              ...local,
              startsAt: at.start,
              state: "run",
              run,
              held: true,
            },
          ],
        },
      ]);
      await create();
      const limits = { maxActive: 1, past: [] };
      expect(await step(versionId, [window(0, versionId)], { limits })).toMatchObject({ runs: [], waits: "room" });
      const alone = await step(versionId, [window(0, versionId)], { limits, yields: false });
      expect(alone.runs).toEqual([sampleRunId(1)]);
      // Whoever is let in counts what the backfill has at work; what is skipped or cancelled for room does not.
      expect(await db.store.schedules.admit("feed", limits)).toEqual([]);
      expect((await db.store.schedules.list(["feed"]))[0]).toMatchObject({ active: 1, held: 1 });
      expect(await db.store.schedules.activeRuns("feed")).toEqual([
        { id: sampleRunId(1), held: false, backfill: true },
        { id: sampleRunId(50), held: true, backfill: false },
      ]);
      expect((await db.reader.listRuns({ limit: 5 })).map(({ id, held }) => [id, held])).toEqual([
        [sampleRunId(50), true],
        [sampleRunId(1), false],
      ]);
    });

    test("what depends on its past goes one by one, and on when the window before has succeeded", async () => {
      const version = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      await create();
      const limits = { maxActive: null, past: version.taskIds };
      const windows = [0, 1].map((day) => window(day, version.id));
      expect(await step(version.id, windows, { limits })).toMatchObject({ runs: [sampleRunId(1)], waits: "room" });
      expect(await step(version.id, windows.slice(1), { limits })).toMatchObject({ judged: [], waits: "past" });
      await end(1, "failed");
      expect(await step(version.id, windows.slice(1), { limits })).toMatchObject({ judged: [], waits: "past" });
      await reopen(1);
      await end(1, "succeeded");
      expect(await step(version.id, windows.slice(1), { limits })).toMatchObject({ runs: [sampleRunId(2)] });
    });
  });
}
