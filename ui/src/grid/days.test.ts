import { expect, test } from "vitest";
import { mondays, months } from "./days.ts";

const of = (...dates: string[]) => dates.map((date) => ({ date }));

test("a Monday is marked once, however many runs it has", () => {
  expect(mondays(of("2026-11-22", "2026-11-23", "2026-11-23", "2026-11-24", "2026-11-30"))).toEqual([1, 4]);
});

test("a month is named where it begins, unless the next one begins right behind it", () => {
  const days = of("2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-12-01");
  expect(months(days, 3)).toEqual([
    { at: 1, text: "Nov 2026" },
    { at: 5, text: "Dec 2026" },
  ]);
  expect(months(days, 1)).toHaveLength(3);
});
