import { expect, test } from "vitest";
import type { Arrival } from "./arrival.ts";
import type { EngineClock } from "./engine-clock.ts";
import { SentBatch } from "./sent-batch.ts";

const AT = 1_000_000;
const back: Arrival = {
  kind: "lost",
  task: 0,
  index: null,
  claim: 1,
  error: { name: "Error", message: "gone" },
  counts: true,
};

function setUp(processes = 2) {
  const timers: { readonly at: number; readonly call: () => void }[] = [];
  const time = { now: AT };
  const clock: EngineClock = {
    now: () => time.now,
    at(at, call) {
      const timer = { at, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    soon: (call) => queueMicrotask(call),
    random: () => 0,
  };
  return { timers, time, batch: new SentBatch(clock, processes) };
}

async function isOver(waits: Promise<void>): Promise<boolean> {
  let over = false;
  void waits.then(() => (over = true));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return over;
}

test("a batch is waited for until all of it is back", async () => {
  const { batch, timers } = setUp();
  batch.sent(4);
  const whole = batch.whole();
  for (let task = 0; task < 3; task++) batch.arrived(back);
  expect(await isOver(whole)).toBe(false);
  batch.arrived(back);
  expect(await isOver(whole)).toBe(true);
  expect(timers).toEqual([]);
});

test("what takes longer than a millisecond is not waited for", async () => {
  const { batch, timers, time } = setUp();
  batch.sent(4);
  const whole = batch.whole();
  expect(timers.map(({ at }) => at)).toEqual([AT + 1_000]);
  timers[0]!.call();
  expect(await isOver(whole)).toBe(true);
  batch.sent(4);
  time.now = AT + 1_000;
  expect(await isOver(batch.whole())).toBe(true);
});

test("a few are not waited for, nor is anything when nothing was handed over", async () => {
  const { batch } = setUp();
  expect(await isOver(batch.whole())).toBe(true);
  batch.sent(3);
  expect(await isOver(batch.whole())).toBe(true);
});

test("what one process has ended comes together, and is not waited for", async () => {
  const { batch } = setUp(1);
  batch.sent(4);
  expect(await isOver(batch.whole())).toBe(true);
});

test("what comes from elsewhere is no part of it", async () => {
  const { batch } = setUp();
  batch.sent(4);
  const whole = batch.whole();
  for (let task = 0; task < 4; task++) batch.arrived({ ...back, from: { worker: "other" } });
  expect(await isOver(whole)).toBe(false);
});
