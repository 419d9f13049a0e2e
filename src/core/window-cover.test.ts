import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunState } from "./run-state.ts";
import { coverOf, failedIn } from "./window-cover.ts";

const run = (start: number, end: number, state: RunState = "succeeded") => ({
  id: `${start}-${end}`,
  state,
  start,
  end,
});

test("a day is covered by a run of the day, of the week, or by all of its hours", () => {
  const day = { start: 24, end: 48 };
  const hours = Array.from({ length: 24 }, (_, hour) => run(24 + hour, 25 + hour));

  expect(coverOf(day, [run(24, 48)])).toEqual([run(24, 48)]);
  expect(coverOf(day, [run(0, 168)])).toEqual([run(0, 168)]);
  expect(coverOf(day, hours)).toHaveLength(24);
  expect(coverOf(day, hours.toSpliced(7, 1))).toBeNull();
  expect(coverOf(day, [])).toBeNull();
});

test("a moment is covered by a window that holds it, or by a run of that moment", () => {
  const moment = { start: 30, end: 30 };

  expect(coverOf(moment, [run(24, 48)])).toHaveLength(1);
  expect(coverOf(moment, [run(24, 30)])).toBeNull();
  expect(coverOf(moment, [run(30, 30)])).toHaveLength(1);
});

test("what is covered has each of its moments in one of the runs", () => {
  const spans = fc.array(fc.tuple(fc.nat(30), fc.nat(10)).map(([start, width]) => run(start, start + width)));
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 10 }), spans, (start, width, runs) => {
      const moments = Array.from({ length: width }, (_, at) => start + at);
      const isCovered = moments.every((at) => runs.some((one) => one.start <= at && at < one.end));
      expect(coverOf({ start, end: start + width }, runs) !== null).toBe(isCovered);
    }),
  );
});

test("a failed run counts only where no other run of its window can still succeed", () => {
  const day = { start: 0, end: 24 };

  expect(failedIn(day, [run(0, 24, "failed")])).toMatchObject({ state: "failed" });
  expect(failedIn(day, [run(0, 24, "failed"), run(0, 24, "running")])).toBeNull();
  expect(failedIn(day, [run(0, 24, "failed"), run(0, 24)])).toBeNull();
  expect(failedIn(day, [run(0, 12, "running")])).toBeNull();
});
