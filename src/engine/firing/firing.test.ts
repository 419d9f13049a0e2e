import { describe, expect, test } from "vitest";
import { at, DAILY, FiringWorld, HOURLY, preset } from "../../../test/support/firing-world.ts";
import { TuttiError } from "../../core/errors.ts";
import { encodeValue } from "../../core/value-codec.ts";
import type { Schedules } from "../../store/schedules.ts";
import { sampleVersion } from "../../testing/store-samples.ts";

/** A world in which a scheduler is up, and stays so. */
async function up(start = "2025-08-12T09:30Z") {
  const world = await FiringWorld.open(start);
  const firing = world.scheduler();
  return { world, firing };
}
/** Beats on the way, as a process does that goes on: no scheduler was ever missing. */
async function through(world: FiringWorld, until: string, ...schedulers: readonly Parameters<FiringWorld["at"]>[1][]) {
  const fired: string[] = [];
  for (let time = world.clock.time; time < at(until); time = Math.min(time + 20_000_000, at(until)))
    fired.push(...(await world.at(time, ...schedulers)));
  return [...fired, ...(await world.at(until, ...schedulers))];
}

describe("a scheduler that is up", () => {
  test("starts nothing when a workflow is registered, and then a run for each window when it closes", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    expect(await world.at("2025-08-12T09:30Z", firing)).toEqual([]);
    expect(await through(world, "2025-08-12T09:59:59Z", firing)).toEqual([]);
    expect(await through(world, "2025-08-12T10:00Z", firing)).toEqual(["2025-08-12T09:00Z"]);
    expect(await through(world, "2025-08-12T12:10Z", firing)).toEqual(["2025-08-12T10:00Z", "2025-08-12T11:00Z"]);
    expect(world.begun).toEqual(world.fired.map(({ runId }) => runId));
    expect((await world.store.loadRun(world.begun[0]!))!.run).toMatchObject({
      trigger: "schedule",
      state: "queued",
      intervalStart: at("2025-08-12T09:00Z"),
      date: "2025-08-12",
    });
  });

  test("several schedules of one workflow each fire, with their own params", async () => {
    const { world } = await up();
    const parsed: unknown[] = [];
    const firing = world.scheduler(
      {},
      {
        parse: async (_, params) => {
          parsed.push(params);
          return { params: params === undefined ? null : "[1]", lists: null };
        },
      },
    );
    await world.register("w", [
      { name: "emea", ...HOURLY, params: encodeValue({ region: "emea" }) },
      { name: "apac", ...HOURLY },
    ]);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T10:00Z", firing);
    expect(world.fired.map(({ schedule }) => schedule).sort()).toEqual(["apac", "emea"]);
    expect(parsed.length).toBe(2);
    expect(parsed).toContainEqual({ region: "emea" });
  });

  test("an edited schedule goes on after the cursor, on the newest version", async () => {
    const { world, firing } = await up();
    await world.register("w", DAILY);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-13T00:10Z", firing);
    const { id } = await world.register("w", HOURLY);
    firing.changed(["w"]);
    expect(await through(world, "2025-08-13T02:00Z", firing)).toEqual(["2025-08-13T00:00Z", "2025-08-13T01:00Z"]);
    expect((await world.store.loadRun(world.begun.at(-1)!))!.run.versionId).toBe(id);
  });

  test("@once starts when it is enabled, once; @continuous again when its run has ended", async () => {
    const { world, firing } = await up();
    await world.register("once", preset("@once"));
    await world.register("on", preset("@continuous"));
    await world.at("2025-08-12T09:30Z", firing);
    expect(world.fired.map(({ workflow }) => workflow).sort()).toEqual(["on", "once"]);
    expect(await through(world, "2025-08-12T09:40Z", firing)).toEqual([]);
    for (const id of world.begun) await world.end(id, "succeeded");
    for (const workflow of ["once", "on"]) firing.ended(workflow);
    await through(world, "2025-08-12T09:50Z", firing);
    expect(world.fired.map(({ workflow }) => workflow).slice(2)).toEqual(["on"]);
    expect(world.fired.at(-1)!.window).toMatchObject({ start: at("2025-08-12T09:30Z"), end: at("2025-08-12T09:40Z") });
  });

  test("a schedule whose params are no longer taken misses its window and says so; the others fire", async () => {
    const { world } = await up();
    const firing = world.scheduler(
      {},
      {
        async parse({ workflow }) {
          if (workflow === "bad") throw new TuttiError("PARAMS_INVALID", "no such region");
          return { params: null, lists: null };
        },
      },
    );
    for (const name of ["bad", "good"]) await world.register(name, HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T10:00Z", firing);
    expect(world.fired.map(({ workflow }) => workflow)).toEqual(["good"]);
    expect(await world.windows("bad")).toEqual(["missed 2025-08-12T09:00Z"]);
    expect(world.notices).toEqual([
      `Schedule "schedule" of workflow "bad" started no run: no such region [PARAMS_INVALID]`,
    ]);
  });

  test("a version whose code can't be had just now is tried again, and stops no other", async () => {
    const { world } = await up();
    let broken = true;
    const firing = world.scheduler(
      {},
      {
        async parse({ workflow }) {
          if (broken && workflow === "bad") throw new TuttiError("STORE_BUSY", "away");
          return { params: null, lists: null };
        },
      },
    );
    for (const name of ["bad", "good"]) await world.register(name, HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T10:00Z", firing);
    expect(world.fired.map(({ workflow }) => workflow)).toEqual(["good"]);
    broken = false;
    expect(await through(world, "2025-08-12T10:00:10Z", firing)).toEqual(["2025-08-12T09:00Z"]);
  });

  test("a long catchup comes in pieces, and lets the others have their turn", async () => {
    const { world, firing } = await up();
    await world.register("long", HOURLY, { catchup: true, start: "2025-01-01" });
    await world.register("short", HOURLY, { catchup: true, start: "2025-08-12T08:00" });
    const fired = await world.at("2025-08-12T09:30Z", firing);
    expect(fired).toHaveLength(223 * 24 + 9 + 1);
    expect(world.fired.findIndex(({ workflow }) => workflow === "short")).toBeLessThanOrEqual(300);
    expect(new Set(fired).size).toBe(fired.length - 1);
  });
});

describe("what was due while no scheduler was up", () => {
  const rows = ["missed 2025-08-12T10:00Z", "missed 2025-08-12T11:00Z", "run 2025-08-12T12:00Z"];
  test("is made good once: the latest window is run and the others are missed", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T10:20Z", firing);
    expect(await world.at("2025-08-12T13:10Z", world.scheduler())).toEqual(["2025-08-12T12:00Z"]);
    expect(await world.at("2025-08-12T13:10:10Z", world.scheduler())).toEqual([]);
    expect((await world.windows("w")).slice(1)).toEqual(rows);
  });
  test("all of it with catchup", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY, { catchup: true });
    await world.at("2025-08-12T09:30Z", firing);
    expect(await world.at("2025-08-12T12:10Z", world.scheduler())).toEqual([
      "2025-08-12T09:00Z",
      "2025-08-12T10:00Z",
      "2025-08-12T11:00Z",
    ]);
  });
  test("a restart within seconds is no time without a scheduler", async () => {
    const { world, firing } = await up();
    await world.register("w", { kind: "every", everyMs: 1_000, anchor: "2025-01-01T00:00Z" });
    await world.at("2025-08-12T09:30Z", firing);
    expect(await world.at("2025-08-12T09:30:05Z", world.scheduler())).toHaveLength(5);
  });
});

describe("a pause", () => {
  test("starts nothing while it lasts nor when it ends, and passes over what was due", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await world.store.schedules.pause("w", "ada");
    firing.changed(["w"]);
    expect(await through(world, "2025-08-12T12:30Z", firing)).toEqual([]);
    await world.store.schedules.unpause("w");
    firing.changed(["w"]);
    expect(await world.at("2025-08-12T12:30Z", firing)).toEqual([]);
    expect(await through(world, "2025-08-12T13:00Z", firing)).toEqual(["2025-08-12T12:00Z"]);
  });
  test("that a scheduler has not heard of holds all the same", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await world.store.schedules.pause("w", "ada");
    expect(await through(world, "2025-08-12T10:01Z", firing)).toEqual([]);
  });
});

describe("runs that overlap", () => {
  const hourly = async (given: Parameters<FiringWorld["register"]>[2]) => {
    const { world, firing } = await up();
    await world.register("w", HOURLY, given);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T12:00Z", firing);
    const ended = async (place: number, state: "succeeded" | "failed" = "succeeded") => {
      await world.end(world.begun[place]!, state);
      firing.ended("w");
      await world.at(world.clock.time, firing);
    };
    return { world, firing, ended };
  };
  test("wait for their turn, in order, one at a time", async () => {
    const { world, ended } = await hourly({ maxActiveRuns: 1 });
    expect([world.fired.length, world.begun]).toEqual([3, [world.fired[0]!.runId]]);
    await ended(0);
    await ended(1);
    expect(world.begun).toEqual(world.fired.map(({ runId }) => runId));
  });
  test("are left out, and the next one comes when there is room", async () => {
    const { world, firing, ended } = await hourly({ maxActiveRuns: 1, overlap: "skip" });
    expect([world.fired.length, world.begun.length]).toEqual([1, 1]);
    await ended(0);
    expect(await through(world, "2025-08-12T13:00Z", firing)).toEqual(["2025-08-12T12:00Z"]);
    expect(await world.windows("w")).toEqual([
      "run 2025-08-12T09:00Z",
      "passed_over 2025-08-12T10:00Z",
      "passed_over 2025-08-12T11:00Z",
      "run 2025-08-12T12:00Z",
    ]);
  });
  test("make way for the next one", async () => {
    const { world } = await hourly({ maxActiveRuns: 1, overlap: "cancel_running" });
    expect(world.begun).toEqual(world.fired.map(({ runId }) => runId));
    expect(world.cancelled).toEqual(world.begun.slice(0, 2));
  });
  test("of a task that depends on its past begin when that has succeeded", async () => {
    const { world, ended } = await hourly({ dependsOnPast: true });
    expect(world.begun).toHaveLength(1);
    await ended(0);
    expect(world.begun).toHaveLength(2);
    await ended(1, "failed");
    expect(world.begun).toHaveLength(2);
  });
  test("that waited when their scheduler died are let in by the next one", async () => {
    const { world } = await hourly({ maxActiveRuns: 1 });
    await world.end(world.begun[0]!, "succeeded");
    await world.at(world.clock.time, world.scheduler());
    expect(world.begun).toHaveLength(2);
  });
});

describe("a clock that is set", () => {
  test("an hour back doubles nothing, and time goes on from there", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await through(world, "2025-08-12T12:10Z", firing);
    expect(await world.at("2025-08-12T11:10Z", firing)).toEqual([]);
    expect(await through(world, "2025-08-12T13:00Z", firing)).toEqual(["2025-08-12T12:00Z"]);
    expect(await world.windows("w")).toHaveLength(4);
  });
  test("a year ahead starts one run, and says so when it is back; unpausing begins anew, and nothing is doubled", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    expect(await world.at("2026-08-12T09:30Z", firing)).toEqual(["2026-08-12T08:00Z"]);
    expect(await world.at("2025-08-12T10:30Z", firing)).toEqual([]);
    firing.changed();
    await world.at("2025-08-12T10:30Z", firing);
    expect(world.notices).toEqual([
      expect.stringMatching(/the clock was ahead\..*tutti unpause w \[CLOCK_WAS_AHEAD\]$/),
    ]);
    await world.store.schedules.pause("w", "ada");
    await world.store.schedules.unpause("w");
    firing.changed(["w"]);
    expect(await through(world, "2025-08-12T11:00Z", firing)).toEqual(["2025-08-12T10:00Z"]);
  });
});

describe("several schedulers", () => {
  test("fire a window once, whoever is first", async () => {
    const { world, firing } = await up();
    const second = world.scheduler();
    for (const name of ["a", "b", "c"]) await world.register(name, HOURLY);
    await world.at("2025-08-12T09:30Z", firing, second);
    world.clock.time = at("2025-08-12T10:00Z");
    await Promise.all([firing.tick(), second.tick()]);
    expect(world.fired.map(({ workflow }) => workflow).sort()).toEqual(["a", "b", "c"]);
  });
  test("the one that came second comes later the next time, and in place of the first when that is gone", async () => {
    const { world, firing } = await up();
    const second = world.scheduler();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing, second);
    expect(await world.at("2025-08-12T10:00Z", firing, second)).toHaveLength(1);
    expect(await world.at("2025-08-12T11:00Z", second)).toEqual([]);
    expect(await world.at(at("2025-08-12T11:00Z") + 250_000, second)).toEqual(["2025-08-12T10:00Z"]);
    expect(await world.at(at("2025-08-12T12:00Z") + 1, second)).toEqual(["2025-08-12T11:00Z"]);
  });
  test("an answer that was lost is asked for again, and nothing is doubled", async () => {
    const { world } = await up();
    let lost = 2;
    const decide: Schedules["decide"] = async (decisions) => {
      const results = await world.store.schedules.decide(decisions);
      if (decisions.length > 0 && lost-- > 0) throw new TuttiError("STORE_UNREACHABLE", "lost");
      return results;
    };
    const firing = world.scheduler({ decide });
    Object.assign(world.clock, { at: (_: number, call: () => void) => (setImmediate(call), () => {}) });
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    expect(await world.at("2025-08-12T10:00Z", firing)).toEqual(["2025-08-12T09:00Z"]);
    expect(lost).toBeLessThan(0);
    expect([world.begun.length, (await world.windows("w")).length]).toEqual([1, 1]);
  });
  test("what is retired while they look fires no more", async () => {
    const { world, firing } = await up();
    await world.register("w", HOURLY);
    await world.at("2025-08-12T09:30Z", firing);
    await world.store.deploy({ versions: [sampleVersion("other", ["a"])], at: world.clock.time });
    expect(await through(world, "2025-08-12T10:01Z", firing)).toEqual([]);
  });
});
