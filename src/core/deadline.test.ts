import { expect, test } from "vitest";
import { lateAt } from "./deadline.ts";

const at = (text: string): number => Date.parse(text) * 1000;
const daily = { kind: "at", at: "08:00", timezone: "Europe/London" } as const;

test.each([
  ["the first such time after its window", "2025-08-13T00:00+01:00", "2025-08-13T07:00Z"],
  ["the window's own end, where that is the time", "2025-08-13T08:00+01:00", "2025-08-13T07:00Z"],
  ["the next day, when the day's has passed", "2025-08-13T09:00+01:00", "2025-08-14T07:00Z"],
  ["by the clock of the zone, whatever is changed in it", "2025-10-26T00:00+01:00", "2025-10-26T08:00Z"],
])("a run is late at %s", (_, end, late) => {
  expect(lateAt(daily, { intervalEnd: at(end), createdAt: at(end) })).toBe(at(late));
});

test("a time that a clock change leaves out is the first after the gap", () => {
  const gap = { kind: "at", at: "01:30", timezone: "Europe/London" } as const;
  const end = at("2025-03-30T00:00Z");
  expect(lateAt(gap, { intervalEnd: end, createdAt: end })).toBe(at("2025-03-30T01:00Z"));
});

test("what is made good long afterwards is not late; what was missed this morning is", () => {
  const intervalEnd = at("2025-08-13T00:00+01:00");
  expect(lateAt(daily, { intervalEnd, createdAt: at("2025-09-01T00:00Z") })).toBe(null);
  expect(lateAt(daily, { intervalEnd, createdAt: at("2025-08-13T12:00Z") })).toBe(at("2025-08-13T07:00Z"));
});

test("a length of time counts from when the run was made", () => {
  const createdAt = at("2025-08-13T06:00Z");
  expect(lateAt({ kind: "within", withinMs: 60_000 }, { intervalEnd: 0, createdAt })).toBe(at("2025-08-13T06:01Z"));
});
