import { describe, expect, test } from "vitest";
import { at, DAILY, type Given, SetClock } from "../../../test/support/firing-world.ts";
import { type AskedBackfill, planBackfill } from "../../core/backfill-plan.ts";
import { TuttiError } from "../../core/errors.ts";
import type { RunState } from "../../core/run-state.ts";
import type { Backfills } from "../../store/backfills.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { SqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { sampleGroup, sampleRunId, sampleVersion } from "../../testing/store-samples.ts";
import { Backfiller, type BackfillerDeps } from "./backfiller.ts";

const WEEK: AskedBackfill = { from: "2025-08-01", to: "2025-08-07" };

/** Backfillers that work on one store, whose runs nobody executes. */
class BackfillWorld {
  readonly clock = new SetClock(at("2025-09-01T00:00Z"));
  readonly store: SqliteStore;
  readonly begun: string[] = [];
  readonly reopened: string[] = [];
  readonly cancelled: string[] = [];
  readonly notices: string[] = [];
  #runs = 0;
  #edition = 0;

  private constructor(store: SqliteStore) {
    this.store = store;
  }

  static async open(given: Parameters<BackfillWorld["register"]>[0] = {}): Promise<BackfillWorld> {
    const world = new BackfillWorld(await openSqliteStore({ path: ":memory:" }));
    await world.register(given);
    return world;
  }

  register({ dependsOnPast, regions, ...manifest }: Given & { readonly regions?: readonly string[] } = {}) {
    const version = sampleVersion("w", ["a"], String(++this.#edition), { latest: true });
    const assets = [{ name: "sales", ...(regions && { partitions: { kind: "static" as const, keys: regions } }) }];
    const making = { ...(dependsOnPast && { dependsOnPast }), ...(regions && { produces: ["sales"], assets }) };
    const tasks = version.manifest.tasks.map((task) => ({ ...task, ...making }));
    const schedules = [{ name: "schedule", ...DAILY }];
    return this.store.registerVersion({ ...version, manifest: { ...version.manifest, schedules, tasks, ...manifest } });
  }

  async ask(asked: AskedBackfill, id = "backfill1"): Promise<void> {
    const { manifest } = (await this.store.latestVersion("w"))!;
    const { plan, maxActiveRuns, total } = planBackfill(manifest, asked, this.clock.time);
    const by = { createdAt: this.clock.time, createdBy: "ada", versionId: null };
    await this.store.backfills.create({ id, workflow: "w", plan, maxActiveRuns, total, ...by });
  }

  backfiller(wire: Partial<Backfills> = {}, more: Partial<BackfillerDeps> = {}): Backfiller {
    const { store } = this;
    const real = store.backfills;
    const backfills: Backfills = {
      create: (backfill) => real.create(backfill),
      unended: () => real.unended(),
      step: (step) => real.step(step),
      openRuns: (id) => real.openRuns(id),
      turn: (id, action, now) => real.turn(id, action, now),
      ...wire,
    };
    return new Backfiller({
      store: {
        backfills,
        getVersion: (id) => store.getVersion(id),
        latestVersion: (name) => store.latestVersion(name),
      },
      clock: this.clock,
      newId: () => sampleRunId(++this.#runs),
      notice: (text) => void this.notices.push(text),
      starter: {
        parse: async () => ({ params: null, lists: null }),
        take: async (ids) => void this.begun.push(...ids.filter((id) => !this.begun.includes(id))),
        cancel: async (id) => {
          this.cancelled.push(id);
          await this.end(id, "cancelled");
        },
        reopen: async (id, { fresh, version }) => {
          this.reopened.push(
            `${id} ${fresh ? "fresh" : "failed"} ${typeof version === "object" ? version.id : "same"}`,
          );
          const { revision, generation } = (await store.loadRun(id))!.run;
          const run = { state: "running", generation: generation + 1, endedAt: null } as const;
          await store.commit([sampleGroup(id, revision, { run })]);
        },
      },
      ...more,
    });
  }

  async end(id: string, state: Extract<RunState, "succeeded" | "failed" | "cancelled">): Promise<void> {
    const { revision } = (await this.store.loadRun(id))!.run;
    await this.store.commit([sampleGroup(id, revision, { run: { state, endedAt: this.clock.time } })]);
  }

  /** All that are at work end, and the backfiller looks, until it has ended or waits. */
  async toEnd(backfiller: Backfiller, state: (date: string) => "succeeded" | "failed" = () => "succeeded") {
    const dates: string[] = [];
    for (let rounds = 0; rounds < 1_000; rounds++) {
      await backfiller.tick();
      const open = await this.store.backfills.openRuns("backfill1");
      if (open.length === 0) break;
      for (const { runId } of open) {
        const { date } = (await this.store.loadRun(runId))!.run;
        dates.push(date.slice(-2));
        await this.end(runId, state(date));
      }
    }
    return dates;
  }

  async found(id = "backfill1") {
    return this.store.reader().findBackfill(id);
  }
}

describe("a backfill", () => {
  test("runs every window once, as many at once as it may, and ends", async () => {
    const world = await BackfillWorld.open();
    await world.ask({ ...WEEK, maxActiveRuns: 3 });
    const backfiller = world.backfiller();
    await backfiller.tick();
    expect((await world.found()).progress).toMatchObject({ running: 3, todo: 4 });
    expect(world.begun).toHaveLength(3);
    expect(await world.toEnd(backfiller)).toEqual(["01", "02", "03", "04", "05", "06", "07"]);
    expect(await world.found()).toMatchObject({ state: "succeeded", progress: { succeeded: 7, todo: 0 } });
    await backfiller.tick();
    expect(world.begun).toHaveLength(7);
  });

  test("goes newest first when it is asked to, and one that has a failed run has failed", async () => {
    const world = await BackfillWorld.open();
    await world.ask({ ...WEEK, order: "newest", maxActiveRuns: 1 });
    const ended = await world.toEnd(world.backfiller(), (date) => (date.endsWith("03") ? "failed" : "succeeded"));
    expect(ended).toEqual(["07", "06", "05", "04", "03", "02", "01"]);
    expect(await world.found()).toMatchObject({ state: "failed", progress: { succeeded: 6, failed: 1 } });
  });

  test("opens failed runs again from their failed tasks, and all of them from the first, with the newest code", async () => {
    const world = await BackfillWorld.open();
    await world.ask(WEEK);
    await world.toEnd(world.backfiller(), (date) => (date.endsWith("03") ? "failed" : "succeeded"));
    const { id } = await world.register();
    await world.ask({ ...WEEK, reprocess: "failed" }, "second");
    await world.backfiller().tick();
    expect(world.reopened).toEqual([`${sampleRunId(3)} failed ${id}`]);
    await world.end(sampleRunId(3), "succeeded");
    await world.backfiller().tick();
    expect(await world.found("second")).toMatchObject({ state: "succeeded", progress: { succeeded: 1, skipped: 6 } });
    await world.ask({ from: "2025-08-01", to: "2025-08-01", reprocess: "all", version: "same" }, "third");
    await world.backfiller().tick();
    expect(world.reopened[1]).toBe(`${sampleRunId(1)} fresh same`);
  });

  test("goes on after its process has died, wherever it stood, without a second run", async () => {
    const world = await BackfillWorld.open();
    await world.ask({ ...WEEK, maxActiveRuns: 2 });
    const died = world.backfiller({
      step: async (step) => {
        await world.store.backfills.step(step);
        throw new TuttiError("STORE_UNREACHABLE", "the answer was lost");
      },
    });
    await expect(died.tick()).rejects.toThrow("the answer was lost");
    expect(world.begun).toEqual([]);
    const next = world.backfiller();
    expect((await world.toEnd(next)).sort()).toEqual(["01", "02", "03", "04", "05", "06", "07"]);
    expect(world.begun).toHaveLength(7);
    expect((await world.found()).state).toBe("succeeded");
  });

  test("opens again what another process had said it would, and died", async () => {
    const world = await BackfillWorld.open();
    await world.ask(WEEK);
    await world.toEnd(world.backfiller());
    await world.ask({ ...WEEK, reprocess: "all" }, "second");
    const starter = {
      parse: async () => ({ params: null, lists: null }),
      take: async () => {},
      cancel: async () => {},
      reopen: async () => {
        throw new TuttiError("STORE_BUSY", "it dies here");
      },
    };
    await expect(world.backfiller({}, { starter }).tick()).rejects.toThrow("it dies here");
    expect(await world.found("second")).toMatchObject({ reopens: 7, progress: { running: 7 } });
    const next = world.backfiller();
    await next.tick();
    expect(world.reopened).toHaveLength(7);
    expect((await world.found("second")).reopens).toBe(0);
  });

  test("of several schedulers one steps from one place, and every window has one run", async () => {
    const world = await BackfillWorld.open();
    await world.ask({ ...WEEK, maxActiveRuns: 1 });
    const both = [world.backfiller(), world.backfiller()];
    for (let rounds = 0; rounds < 20; rounds++) {
      world.clock.time += 2_000_000;
      await Promise.all(both.map((backfiller) => backfiller.tick()));
      const open = await world.store.backfills.openRuns("backfill1");
      expect(open.length).toBeLessThanOrEqual(1);
      for (const { runId } of open) await world.end(runId, "succeeded");
    }
    expect(await world.found()).toMatchObject({ state: "succeeded", progress: { succeeded: 7 } });
    expect(new Set(world.begun).size).toBe(7);
  });

  test("paused it begins nothing, resumed it goes on, cancelled it stops what is at work and ends", async () => {
    const world = await BackfillWorld.open();
    await world.ask({ ...WEEK, maxActiveRuns: 2 });
    const backfiller = world.backfiller();
    await backfiller.tick();
    await world.store.backfills.turn("backfill1", "pause", 0);
    await world.end(sampleRunId(1), "succeeded");
    await backfiller.tick();
    expect((await world.found()).progress).toMatchObject({ running: 1, todo: 5 });
    await world.store.backfills.turn("backfill1", "resume", 0);
    await backfiller.tick();
    expect((await world.found()).progress).toMatchObject({ running: 2, todo: 4 });
    await world.store.backfills.turn("backfill1", "cancel", 0);
    await backfiller.tick();
    expect(world.cancelled).toHaveLength(2);
    await backfiller.tick();
    expect(await world.found()).toMatchObject({
      state: "cancelled",
      progress: { cancelled: 2, succeeded: 1, todo: 4 },
    });
  });

  test("waits for a failed window where a task depends on its past, says so, and goes on when it is mended", async () => {
    const world = await BackfillWorld.open({ dependsOnPast: true });
    await world.ask(WEEK);
    const rests: unknown[] = [];
    const backfiller = world.backfiller({}, { onRest: (_, waits) => void rests.push(waits) });
    expect(await world.toEnd(backfiller, (date) => (date.endsWith("02") ? "failed" : "succeeded"))).toEqual([
      "01",
      "02",
    ]);
    expect(rests.at(-1)).toBe("past");
    expect(world.notices.at(-1)).toContain("depends on its past");
    const failed = world.begun[1]!;
    const { revision } = (await world.store.loadRun(failed))!.run;
    const run = { state: "running", generation: 2, endedAt: null } as const;
    await world.store.commit([sampleGroup(failed, revision, { run })]);
    expect(await world.toEnd(backfiller)).toEqual(["02", "03", "04", "05", "06", "07"]);
    expect((await world.found()).state).toBe("succeeded");
  });

  test("whose params its workflow no longer takes is paused, and says why", async () => {
    const world = await BackfillWorld.open();
    await world.ask(WEEK);
    const parse = async () => {
      throw new TuttiError("PARAMS_INVALID", "no region");
    };
    const starter = { parse, take: async () => {}, cancel: async () => {}, reopen: async () => {} };
    await world.backfiller({}, { starter }).tick();
    expect((await world.found()).state).toBe("paused");
    expect(world.notices.join()).toContain("no region [PARAMS_INVALID]");
  });

  test("of partitions runs each once, also after its process has died, and knows those that have run", async () => {
    const world = await BackfillWorld.open({ regions: ["emea", "apac", "latam"] });
    await world.ask({ partition: "*", maxActiveRuns: 1 });
    const partitions: (string | undefined)[] = [];
    for (let runs = 1; runs <= 3; runs++) {
      await world.backfiller().tick();
      const { run } = (await world.store.loadRun(sampleRunId(world.begun.length)))!;
      partitions.push(run.partition);
      expect([run.intervalStart, run.intervalEnd, run.date]).toEqual([
        world.clock.time,
        world.clock.time,
        "2025-09-01",
      ]);
      await world.end(run.id, run.partition === "apac" ? "failed" : "succeeded");
    }
    await world.backfiller().tick();
    expect(partitions).toEqual(["emea", "apac", "latam"]);
    expect(await world.found()).toMatchObject({ state: "failed", progress: { succeeded: 2, failed: 1, todo: 0 } });
    await world.ask({ partition: "latam,apac", reprocess: "failed" }, "second");
    await world.backfiller().tick();
    expect(world.reopened).toHaveLength(1);
    expect((await world.found("second")).progress).toMatchObject({ running: 1, skipped: 1, todo: 0 });
  });

  test("of a hundred thousand windows holds no more than it judges at once", async () => {
    const world = await BackfillWorld.open({
      schedules: [{ name: "schedule", kind: "preset", preset: "@hourly", timezone: "UTC" }],
    });
    await world.ask({ from: "2014-01-01", to: "2025-05-27" });
    expect((await world.found()).total).toBe(99_960);
    const given: number[] = [];
    const step: Backfills["step"] = (one) => {
      given.push(one.windows.length);
      return world.store.backfills.step(one);
    };
    await world.backfiller({ step }).tick();
    expect(Math.max(...given)).toBeLessThanOrEqual(200);
    expect((await world.found()).progress).toMatchObject({ running: 10, todo: 99_950 });
  });
});
