import { expect, test } from "vitest";
import type { ScheduleManifest } from "../../src/core/schedule.ts";
import { spanOf } from "../../src/core/schedule-cursor.ts";
import type { Firing } from "../../src/engine/firing/firing.ts";
import { sampleGroup } from "../../src/testing/store-samples.ts";
import { at, FiringWorld, iso } from "../support/firing-world.ts";

/** Of a thousand in `npm run test:simulation`. */
const SCHEDULES = Number(process.env["TUTTI_YEAR_SCHEDULES"] ?? 40);
const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const ZONES = ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"];
const FROM = "2025-01-01T00:30Z";
const UNTIL = at("2026-01-01T00:30Z");

const name = (place: number): string => `w${String(place).padStart(4, "0")}`;
const catchup = (place: number): boolean => place % 2 === 0;
/** A tenth of the workflows each are paused now and then, edited, or have the schedules in another order. */
const kindOf = (place: number) => KINDS[Math.floor((place * 10) / SCHEDULES)] ?? "plain";
const KINDS = ["paused", "edited", "reordered", "pruned", "pruned"] as const;

function rule(place: number, edition = 0): ScheduleManifest {
  const at = `${String(((place + edition) % 4) * 6).padStart(2, "0")}:00`;
  return { name: "daily", kind: "daily", at, timezone: ZONES[Math.floor(place / 4) % 4]! };
}
const yearly: ScheduleManifest = { name: "other", kind: "dates", dates: ["2025-07-01T12:00:00.000Z"], timezone: "UTC" };

async function register(world: FiringWorld, place: number, edition: number): Promise<void> {
  const kind = kindOf(place);
  const daily = rule(place, kind === "edited" ? edition : 0);
  const rules = kind !== "reordered" ? [daily] : edition % 2 === 0 ? [daily, yearly] : [yearly, daily];
  await world.register(name(place), rules, { start: "2025-01-01", ...(catchup(place) && { catchup: true }) });
}
const places = (kind: ReturnType<typeof kindOf>): number[] =>
  Array.from({ length: SCHEDULES }, (_, place) => place).filter((place) => kindOf(place) === kind);

/** What happens at noon of a day beside what fires. */
async function noon(world: FiringWorld, day: number, schedulers: readonly Firing[]): Promise<void> {
  const changed: string[] = [];
  for (const place of places("paused")) {
    if ((day + place) % 60 === 0) await world.store.schedules.pause(name(place), "ada");
    else if ((day + place) % 60 === 3) await world.store.schedules.unpause(name(place));
    else continue;
    changed.push(name(place));
  }
  for (const place of [...places("edited"), ...places("reordered")])
    if ((day + place) % 90 === 0) {
      await register(world, place, Math.floor((day + place) / 90));
      changed.push(name(place));
    }
  // Only one of them hears of it, and the other finds out.
  if (changed.length > 0) schedulers[day % 2]!.changed(changed);
  if (day % 30 === 29) await endAndPrune(world);
}

const ended = new Set<string>();
async function endAndPrune(world: FiringWorld): Promise<void> {
  const names = new Set(places("pruned").map(name));
  const runs = world.fired.filter(({ workflow, runId }) => names.has(workflow) && !ended.has(runId));
  for (const { runId } of runs) ended.add(runId);
  const run = { state: "succeeded", endedAt: world.clock.time } as const;
  for (let from = 0; from < runs.length; from += 1_000)
    await world.store.commit(runs.slice(from, from + 1_000).map(({ runId }) => sampleGroup(runId, 1, { run })));
  while ((await world.store.prune({ endedBefore: world.clock.time + 1, limit: 1_000 })).more);
}

/** The moments at which anything of this is due: every quarter of a day in four zones, summer and winter. */
function* moments(): Generator<number> {
  const offsets = [0, 1, 4, 5, 6, 10, 11, 12, 16, 17, 18, 22, 23].map((hour) => hour * HOUR);
  const odd = [0.25, 6.25, 12.25, 18.25].map((hour) => hour * HOUR);
  const all = [...offsets, ...odd].sort((a, b) => a - b);
  for (let day = at("2025-01-01"); day <= UNTIL; day += DAY)
    for (const moment of all) if (day + moment > at(FROM) && day + moment <= UNTIL) yield day + moment;
}

test(`in a year of ${SCHEDULES} daily schedules, two schedulers on one store lose no tick and double none`, async () => {
  const began = process.cpuUsage();
  const world = await FiringWorld.open(FROM);
  for (let place = 0; place < SCHEDULES; place++) await register(world, place, 0);
  const schedulers = [world.scheduler(), world.scheduler()];
  let day = 0;
  for (const moment of moments()) {
    world.clock.time = moment;
    // Somebody beat all along; what happens when nobody does is another test's.
    await world.store.schedules.beat(moment, 1e12);
    // In the second quarter one of the two is away.
    const awake = moment > at("2025-04-01") && moment < at("2025-07-01") ? schedulers.slice(0, 1) : schedulers;
    await Promise.all((day % 2 === 0 ? awake : awake.toReversed()).map((firing) => firing.tick()));
    if (moment % DAY === 12 * HOUR) {
      await noon(world, (day += 1), schedulers);
      await Promise.all(schedulers.map((firing) => firing.settled()));
    }
  }
  // Who came second looks again a quarter of a second later.
  world.clock.time = UNTIL + 1_000_000;
  await Promise.all(schedulers.map((firing) => firing.tick()));

  const fired = new Map<string, number>();
  for (const { workflow, schedule } of world.fired)
    fired.set(`${workflow} ${schedule}`, (fired.get(`${workflow} ${schedule}`) ?? 0) + 1);
  for (let place = 0; place < SCHEDULES; place++) {
    const kind = kindOf(place);
    const query = { workflow: name(place), schedule: "daily", from: 0, to: at("2030-01-01"), limit: 1_000 };
    const windows = await world.store.schedules.windows(query);
    const runs = windows.filter(({ state }) => state === "run");
    expect([query.workflow, fired.get(`${query.workflow} daily`)]).toEqual([query.workflow, runs.length]);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(runs.length);
    const spans = windows.map(spanOf);
    for (const [index, { start, end }] of spans.entries()) {
      const before = spans[index - 1];
      if (
        before !== undefined &&
        (end <= before.end || start > before.end || (kind !== "edited" && start < before.end))
      )
        throw new Error(`${query.workflow}: ${iso(start * 1000)} follows ${iso(before.end * 1000)}`);
    }
    // Without catchup, what was due before it was enabled is nobody's.
    const first = catchup(place) ? at("2025-01-01") : at("2024-12-30");
    expect(windows[0]!.startsAt).toBeGreaterThanOrEqual(first - DAY);
    expect(windows[0]!.startsAt).toBeLessThanOrEqual(first + (kind === "paused" ? 8 : 3) * DAY);
    expect(spans.at(-1)!.end).toBeGreaterThanOrEqual(at("2025-12-26") / 1000);
    if (kind === "paused" && !catchup(place)) expect(runs.length).toBeLessThan(windows.length - 10);
    else expect(runs).toHaveLength(windows.length);
    if (kind === "pruned")
      expect(windows.filter(({ lastOutcome }) => lastOutcome === "succeeded").length).toBeGreaterThan(300);
    if (kind === "reordered") expect(fired.get(`${query.workflow} other`)).toBe(1);
  }
  expect(world.fired.length).toBeGreaterThan(360 * SCHEDULES);
  expect(new Set(world.begun).size).toBe(world.begun.length);
  expect(world.begun).toHaveLength(world.fired.length);
  expect(await world.store.unfinishedRuns()).toHaveLength(world.fired.length - ended.size);
  expect(world.notices).toEqual([]);
  const { user, system } = process.cpuUsage(began);
  console.info(
    `${world.fired.length} runs by two schedulers in ${Math.round((user + system) / 1_000_000)} s of CPU time`,
  );
}, 400_000);
