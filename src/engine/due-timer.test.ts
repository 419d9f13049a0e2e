import { expect, test } from "vitest";
import { fakeClock } from "../testing/fake-clock.ts";
import { DueTimer } from "./due-timer.ts";

const SECOND = 1_000_000;

function timer() {
  const clock = fakeClock();
  const due: string[] = [];
  const timer = new DueTimer<string>(clock, (waiting) => {
    due.push(waiting);
    timer.set(waiting, null);
  });
  return { clock, due, timer, start: clock.now() };
}

test("it rings at the earliest moment, for everything that is due by then", async () => {
  const { clock, due, timer: it, start } = timer();
  it.set("later", start + 9 * SECOND);
  it.set("first", start + 3 * SECOND);
  it.set("with it", start + 3 * SECOND);
  it.arm();

  await clock.advance("3s");
  expect(due).toEqual(["first", "with it"]);
  it.arm();
  await clock.advance("6s");
  expect(due).toEqual(["first", "with it", "later"]);
});

test("what is no longer due does not ring", async () => {
  const { clock, due, timer: it, start } = timer();
  it.set("a", start + SECOND);
  it.arm();
  it.set("a", null);
  it.arm();

  await clock.advance("5s");
  expect(due).toEqual([]);
  expect(clock.nextDue()).toBeNull();
});

test("a timer that rings before its time, because the clock was turned back, is set again", () => {
  const calls: (() => void)[] = [];
  let now = 0;
  const due: string[] = [];
  const it = new DueTimer<string>(
    { now: () => now, at: (_, call) => (calls.push(call), () => {}), soon: () => {}, random: () => 0 },
    (waiting) => due.push(waiting),
  );
  it.set("a", SECOND);
  it.arm();
  calls.shift()?.();
  expect([due, calls.length]).toEqual([[], 1]);

  now = SECOND;
  calls.shift()?.();
  expect(due).toEqual(["a"]);
});
