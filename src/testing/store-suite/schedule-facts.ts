import { describe, expect, test } from "vitest";
import type { ScheduleManifest } from "../../core/schedule.ts";
import { localWindow, type WindowState } from "../../core/schedule-cursor.ts";
import { TimeZone } from "../../core/time-zone.ts";
import type { NewWindow, ScheduleDecision, ScheduleRecord } from "../../store/schedules.ts";
import type { NewVersion } from "../../store/store.ts";
import { sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { DAY, type StoreFixture } from "./store-fixture.ts";

const GAP_MS = 30_000;

/** The version of a workflow whose schedules are daily, and what its edition makes of it. */
export function scheduledVersion(
  name: string,
  schedules: readonly string[],
  edition = "1",
  more: Partial<NewVersion> = {},
): NewVersion {
  const version = sampleVersion(name, ["a"], `${edition} ${schedules.join()}`, { latest: true, ...more });
  const daily = (schedule: string): ScheduleManifest => ({
    name: schedule,
    kind: "preset",
    preset: "@daily",
    timezone: "UTC",
  });
  return { ...version, manifest: { ...version.manifest, schedules: schedules.map(daily) } };
}

export function scheduleFacts(db: StoreFixture): void {
  const schedules = () => db.store.schedules;
  const listed = async (...workflows: string[]) =>
    workflows.length === 0 ? schedules().list() : schedules().list(workflows);
  const only = async (workflow = "feed"): Promise<ScheduleRecord> => (await listed(workflow))[0]!;
  const states = async (schedule = "schedule") =>
    (await schedules().windows({ workflow: "feed", schedule, from: T0, to: T0 + 1000 * DAY, limit: 1000 })).map(
      ({ state, runId, lastOutcome }) => [state, runId, lastOutcome],
    );

  /** Window number `day`, decided as `state`; the run of a window has the window's number. */
  function window(day: number, state: WindowState, versionId: number, held = false): NewWindow {
    const start = T0 / 1000 + day * 86_400_000;
    return {
      ...localWindow({ start, end: start + 86_400_000 }, TimeZone.of("UTC")),
      startsAt: start * 1000,
      state,
      run:
        state === "run" ? sampleRun(sampleRunId(day + 1), versionId, { state: "queued", trigger: "schedule" }) : null,
      held,
    };
  }
  function decision(record: ScheduleRecord, ...windows: NewWindow[]): ScheduleDecision {
    const { id: schedule, revision, versionId } = record;
    const { start, startFold, end, endFold, timezone } = windows.at(-1)!;
    const cursor = { schedule: record.name, rule: "{}", start, startFold, end, endFold, timezone };
    return { schedule, revision, versionId, cursor, windows };
  }
  const run = (record: ScheduleRecord, day: number) => decision(record, window(day, "run", record.versionId));

  describe("schedules", () => {
    test("a workflow is enabled when it is first registered as the latest, and goes on under the names of its schedules", async () => {
      await db.store.registerVersion(scheduledVersion("feed", ["emea", "apac"], "1", { latest: false }));
      expect(await listed("feed")).toEqual([]);
      const first = await db.store.registerVersion(scheduledVersion("feed", ["emea", "apac"]));
      expect(await listed("feed")).toMatchObject(
        ["apac", "emea"].map((name) => ({
          workflow: "feed",
          name,
          versionId: first.id,
          revision: 0,
          cursor: null,
          enabledSince: T0,
          unfinished: 0,
          active: 0,
          held: 0,
        })),
      );
      const second = await db.store.registerVersion(
        scheduledVersion("feed", ["emea", "late"], "2", { createdAt: T0 + DAY }),
      );
      expect(await listed()).toMatchObject([
        { name: "emea", enabledSince: T0, versionId: second.id },
        { name: "late", enabledSince: T0 + DAY },
      ]);
      await db.store.registerVersion(scheduledVersion("feed", ["apac"], "3", { createdAt: T0 + 2 * DAY }));
      expect(await listed()).toMatchObject([{ name: "apac", enabledSince: T0 + 2 * DAY }]);
    });

    test("a workflow that is gone has none, and one that is back begins anew", async () => {
      const version = scheduledVersion("feed", ["schedule"]);
      await db.store.deploy({ versions: [version], at: T0 });
      await db.store.deploy({ versions: [sampleVersion("other", ["a"])], at: T0 + DAY });
      expect(await listed("feed")).toEqual([]);
      await db.store.deploy({ versions: [{ ...version, createdAt: T0 + 2 * DAY }], at: T0 + 2 * DAY });
      expect(await only()).toMatchObject({ enabledSince: T0 + 2 * DAY });
    });

    test("a decision records windows, runs and the cursor, and the outcome follows the run", async () => {
      const { id: versionId } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      const record = await only();
      const decided = decision(record, window(0, "missed", versionId), window(1, "run", versionId));
      expect(await schedules().decide([decided])).toEqual([{ applied: true, runs: [sampleRunId(2)] }]);

      expect(await only()).toMatchObject({ revision: 1, cursor: { start: "2025-08-13T00:00:00" }, unfinished: 1 });
      expect((await db.load(sampleRunId(2))).run).toMatchObject({ state: "queued", trigger: "schedule", revision: 1 });
      expect((await db.reader.listWorkflows()).find(({ name }) => name === "feed")?.counts).toEqual({ queued: 1 });
      expect(await db.store.unfinishedRuns()).toEqual([sampleRunId(2)]);
      expect(await schedules().activeRuns("feed")).toMatchObject([{ id: sampleRunId(2), held: false }]);
      expect(await states()).toEqual([
        ["missed", null, null],
        ["run", sampleRunId(2), null],
      ]);

      await db.commit(sampleGroup(sampleRunId(2), 1, { run: { state: "failed", startedAt: T0, endedAt: T0 + 5 } }));
      expect((await states())[1]).toEqual(["run", sampleRunId(2), "failed"]);
      await db.commit(sampleGroup(sampleRunId(2), 2, { run: { state: "running", generation: 2, endedAt: null } }));
      expect([(await states())[1]![2], (await only()).unfinished]).toEqual([null, 1]);
      await db.commit(sampleGroup(sampleRunId(2), 3, { run: { state: "succeeded", endedAt: T0 + 5 } }));
      await db.store.prune({ endedBefore: T0 + DAY });
      expect([(await states())[1]![2], (await only()).unfinished]).toEqual(["succeeded", 0]);
    });

    test("a decision about a schedule that has moved is dropped whole; the others are applied", async () => {
      await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      await db.store.registerVersion(scheduledVersion("more", ["schedule"]));
      const [feed, more] = [await only(), await only("more")];
      await schedules().decide([run(feed, 0)]);

      expect(await schedules().decide([run(feed, 1), run(more, 2)])).toEqual([
        { applied: false, runs: [] },
        { applied: true, runs: [sampleRunId(3)] },
      ]);
      expect(await db.store.loadRun(sampleRunId(2))).toBeNull();
      expect(await states()).toHaveLength(1);
    });

    test("asked twice with the same run, it is done once", async () => {
      await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      const decided = run(await only(), 0);
      const first = await schedules().decide([decided]);
      expect(await schedules().decide([decided])).toEqual(first);
      expect([(await only()).revision, (await states()).length]).toEqual([1, 1]);
    });

    test("a window that has its run gets no second one, and one without gets one", async () => {
      const { id } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      await schedules().decide([decision(await only(), window(0, "run", id), window(1, "missed", id))]);
      const again = { ...window(0, "run", id), run: sampleRun(sampleRunId(9), id, { state: "queued" }) };
      const decided = decision(await only(), again, window(1, "run", id));

      expect(await schedules().decide([decided])).toEqual([{ applied: true, runs: [sampleRunId(2)] }]);
      expect((await states()).map(([, runId]) => runId)).toEqual([sampleRunId(1), sampleRunId(2)]);
      expect(await db.store.loadRun(sampleRunId(9))).toBeNull();
    });

    test("what was decided on another version, for a paused workflow or for one that is gone, is dropped", async () => {
      const version = scheduledVersion("feed", ["schedule"]);
      await db.store.deploy({ versions: [version], at: T0 });
      const old = await only();
      await db.store.deploy({ versions: [scheduledVersion("feed", ["schedule"], "2")], at: T0 });
      expect(await schedules().decide([run(old, 0)])).toEqual([{ applied: false, runs: [] }]);
      const newer = await only();
      await schedules().pause("feed", "ada");
      expect(await schedules().decide([run(newer, 0)])).toEqual([{ applied: false, runs: [] }]);
      await schedules().unpause("feed");
      await db.store.deploy({ versions: [sampleVersion("other", ["a"])], at: T0 });
      expect(await schedules().decide([run(newer, 0)])).toEqual([{ applied: false, runs: [] }]);
      expect(await states()).toEqual([]);
    });

    test("a paused workflow says since when and by whom, and is enabled anew from when it is unpaused", async () => {
      await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      expect(await schedules().pause("nothing", "ada")).toBeNull();
      const paused = await schedules().pause("feed", "ada");
      expect(paused).toMatchObject({ pausedBy: "ada", unchanged: false });
      expect(await schedules().pause("feed", "bob")).toEqual({ ...paused, unchanged: true });
      expect(await only()).toMatchObject({ enabledSince: null });
      expect((await db.reader.listWorkflows()).find(({ name }) => name === "feed")?.paused).toEqual({
        at: paused!.pausedAt,
        by: "ada",
      });
      await db.store.registerVersion(scheduledVersion("feed", ["schedule"], "2"));
      expect(await only()).toMatchObject({ enabledSince: null });
      expect(await schedules().unpause("feed")).toEqual({ pausedAt: null, pausedBy: null, unchanged: false });
      expect(await schedules().unpause("feed")).toMatchObject({ unchanged: true });
      expect((await only()).enabledSince).toBeGreaterThanOrEqual(paused!.pausedAt!);
      expect(await schedules().unpause("nothing")).toBeNull();
    });

    test("a schedule that was decided about beyond the present goes on from the present when it is unpaused", async () => {
      const { id } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      const days = Math.ceil((Date.now() * 1000 - T0) / DAY);
      const decided = decision(await only(), window(days + 300, "run", id));
      await schedules().decide([decided]);
      await schedules().unpause("feed");
      expect(await only()).toMatchObject({ cursor: { rule: "{}" } });
      await schedules().pause("feed", "ada");
      await schedules().unpause("feed");
      expect(await only()).toMatchObject({ cursor: null, revision: 2 });
      const again = {
        ...decided,
        revision: 2,
        windows: decided.windows.map((one) => ({ ...one, run: { ...one.run!, id: sampleRunId(5000) } })),
      };
      expect(await schedules().decide([again])).toEqual([{ applied: true, runs: [] }]);
    });

    test("a scheduler is up until it is silent for too long; a clock that goes back is no silence", async () => {
      const { beat } = { beat: (ms: number) => schedules().beat(T0 + ms * 1000, GAP_MS) };
      expect(await beat(0)).toBe(T0);
      expect(await beat(GAP_MS)).toBe(T0);
      expect(await beat(GAP_MS - 3_600_000)).toBe(T0);
      expect(await beat(2 * GAP_MS - 3_600_000)).toBe(T0);
      expect(await beat(2 * GAP_MS)).toBe(T0 + 2 * GAP_MS * 1000);
    });

    test("a run that is held back begins when there is room, the oldest window first, and never one too many", async () => {
      const { id } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      const held = [2, 0, 1].map((day) => window(day, "run", id, true));
      await schedules().decide([decision(await only(), ...held)]);
      expect(await db.store.unfinishedRuns()).toEqual([]);
      expect(await only()).toMatchObject({ unfinished: 3, active: 3, held: 3 });
      const admit = (maxActive: number | null) => schedules().admit("feed", { maxActive, past: [] });

      expect(await Promise.all([admit(1), admit(1)])).toEqual([[sampleRunId(1)], []]);
      expect(await db.store.unfinishedRuns()).toEqual([sampleRunId(1)]);
      expect(await schedules().activeRuns("feed")).toMatchObject(
        [1, 2, 3].map((run) => ({ id: sampleRunId(run), held: run > 1 })),
      );
      await db.commit(sampleGroup(sampleRunId(1), 1, { run: { state: "cancelled", endedAt: T0 } }));
      await schedules().pause("feed", "ada");
      expect(await admit(1)).toEqual([]);
      await schedules().unpause("feed");
      expect(await admit(1)).toEqual([sampleRunId(2)]);
      await db.commit(sampleGroup(sampleRunId(3), 1, { run: { state: "cancelled", endedAt: T0 } }));
      expect([await admit(null), (await only()).held]).toEqual([[], 0]);
    });

    test("a run that depends on its past begins when the window before has succeeded, or the tasks that matter have", async () => {
      const { id, taskIds } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      const windows = [0, 1, 2, 3].map((day) => window(day, "run", id, true));
      await schedules().decide([decision(await only(), ...windows)]);
      const admit = () => schedules().admit("feed", { maxActive: null, past: taskIds });
      const end = (day: number, state: "succeeded" | "failed", task: "succeeded" | "failed" | null) =>
        db.commit(
          sampleGroup(sampleRunId(day + 1), 1, {
            run: { state, endedAt: T0 },
            inserts:
              task === null
                ? []
                : [
                    {
                      taskId: taskIds[0]!,
                      mapIndex: null,
                      state: task,
                      claim: 0,
                      attempt: 1,
                      generation: 1,
                      worker: null,
                      queuedAt: T0,
                      claimedAt: null,
                      endedAt: T0,
                      error: null,
                      skipReason: null,
                    },
                  ],
          }),
        );

      expect(await admit()).toEqual([sampleRunId(1)]);
      expect(await admit()).toEqual([]);
      await end(0, "succeeded", null);
      expect(await admit()).toEqual([sampleRunId(2)]);
      await end(1, "failed", "succeeded");
      expect(await admit()).toEqual([sampleRunId(3)]);
      await end(2, "failed", "failed");
      expect(await admit()).toEqual([]);
      await db.commit(sampleGroup(sampleRunId(3), 2, { run: { state: "running", generation: 2, endedAt: null } }));
      await db.commit(sampleGroup(sampleRunId(3), 3, { run: { state: "succeeded", endedAt: T0 } }));
      expect(await admit()).toEqual([sampleRunId(4)]);
    });

    test("windows are read by their beginning, and outlive a reopen", async () => {
      const { id } = await db.store.registerVersion(scheduledVersion("feed", ["schedule"]));
      await schedules().decide([decision(await only(), ...[0, 1, 2].map((day) => window(day, "passed_over", id)))]);
      await db.reopen();
      const query = { workflow: "feed", schedule: "schedule", from: T0 + DAY, to: T0 + 2 * DAY, limit: 1 };
      expect(await db.reader.listWindows(query)).toMatchObject([
        {
          start: "2025-08-13T00:00:00",
          end: "2025-08-14T00:00:00",
          startFold: 0,
          timezone: "UTC",
          state: "passed_over",
        },
      ]);
      expect(await schedules().windows({ ...query, limit: 10 })).toHaveLength(2);
      expect(await db.reader.listSchedules(["feed"])).toEqual(await listed("feed"));
    });
  });
}
