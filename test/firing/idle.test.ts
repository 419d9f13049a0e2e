import { expect, test } from "vitest";
import type { EngineClock } from "../../src/engine/engine-clock.ts";
import type { Schedules } from "../../src/store/schedules.ts";
import { at, DAILY, FiringWorld } from "../support/firing-world.ts";

const BEAT_MS = 10_000;

test("a thousand schedules that wait are one timer, and nothing is asked of the store but that somebody is up", async () => {
  const world = await FiringWorld.open("2025-01-01T00:30Z");
  for (let place = 0; place < 1_000; place++) await world.register(`w${place}`, DAILY);
  const timers = new Set<() => void>();
  const clock: EngineClock = world.clock;
  clock.at = (_, call) => {
    timers.add(call);
    return () => timers.delete(call);
  };
  const asked: string[] = [];
  const { schedules } = world.store;
  const told = <Name extends keyof Schedules>(name: Name) => ({
    [name]: (...args: never[]) => {
      asked.push(name);
      return (schedules[name] as (...all: never[]) => unknown).apply(schedules, args);
    },
  });
  const wire = Object.assign({}, ...(["list", "decide", "admit", "activeRuns", "windows", "beat"] as const).map(told));
  const firing = world.scheduler(wire as Partial<Schedules>);
  firing.start();
  await firing.settled();
  expect(asked).toEqual(["list", "beat"]);

  for (let beats = 1; beats <= 50; beats++) {
    expect(timers.size).toBe(1);
    const [ring] = timers;
    timers.clear();
    world.clock.time = at("2025-01-01T00:30Z") + beats * BEAT_MS * 1000;
    ring!();
    await firing.settled();
  }
  expect(asked.slice(2)).toEqual(Array.from({ length: 50 }, () => "beat"));
  expect(world.fired).toEqual([]);
  await firing.stop();
});
