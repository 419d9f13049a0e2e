import fc from "fast-check";
import { expect, it } from "vitest";
import { localWindow, spanOf, windowKey } from "./schedule-cursor.ts";
import { TimeZone } from "./time-zone.ts";

const berlin = TimeZone.of("Europe/Berlin");
const window = (start: string, end: string, zone = berlin) =>
  localWindow({ start: Date.parse(start), end: Date.parse(end) }, zone);

it("a window is wall time with its zone, and the second of two equal times says so", () => {
  expect(window("2023-10-29T00:30Z", "2023-10-29T01:30Z")).toEqual({
    timezone: "Europe/Berlin",
    start: "2023-10-29T02:30:00",
    startFold: 0,
    end: "2023-10-29T02:30:00",
    endFold: 1,
  });
});

it("two windows of equal wall times have two keys", () => {
  const [first, second] = [
    window("2023-10-29T00:00Z", "2023-10-29T00:30Z"),
    window("2023-10-29T01:00Z", "2023-10-29T01:30Z"),
  ];
  expect([first.start, first.end]).toEqual([second.start, second.end]);
  expect(windowKey("s", first)).not.toBe(windowKey("s", second));
});

it("comes back as the instants it was made from", () => {
  const zones = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
    "Africa/Cairo",
  );
  const near = fc
    .constantFrom("2023-10-29", "2023-11-05", "2023-04-01", "2011-12-30", "2023-10-26")
    .map((date) => Date.parse(date));
  const moments = fc
    .tuple(near, fc.integer({ min: -172_800, max: 172_800 }))
    .map(([ms, seconds]) => ms + seconds * 1000 + 7);
  fc.assert(
    fc.property(zones, moments, fc.nat(90_000_000), (name, start, length) => {
      const span = { start, end: start + length };
      expect(spanOf(localWindow(span, TimeZone.of(name)))).toEqual(span);
    }),
    { numRuns: 1000 },
  );
});

it("of a process whose data knows no second time, the only one there is", () => {
  const second = window("2023-10-29T01:00Z", "2023-10-29T01:30Z");
  expect(spanOf({ ...second, timezone: "Africa/Lagos" }).start).toBe(Date.parse("2023-10-29T01:00Z"));
});
