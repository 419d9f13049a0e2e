import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["15m", 900_000],
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["1.5s", 1500],
    ["1.1s", 1100],
    [" 5 m ", 300_000],
    ["0s", 0],
    [250, 250],
    [0, 0],
  ])("%j is %i ms", (given, ms) => expect(parseDuration(given)).toBe(ms));

  it.each([
    "",
    " ",
    "5",
    "m",
    "15 minutes",
    "30m 1h",
    "1h 1h",
    "-5m",
    "1e3s",
    "0.5ms",
    "999999999w",
    -1,
    1.5,
    NaN,
    Infinity,
    null,
    undefined,
    {},
  ])("%j is refused with BAD_DURATION", (given) => {
    expect(() => parseDuration(given as string)).toThrow(expect.objectContaining({ code: "BAD_DURATION" }));
  });

  it("what was given stands in the message", () =>
    expect(() => parseDuration("15 min")).toThrow('"15 min" is not a duration. Write it like "15m"'));

  it("the parts of a text add up", () => {
    const part = fc.nat({ max: 999 });
    fc.assert(
      fc.property(
        part,
        part,
        part,
        part,
        part,
        (d, h, m, s, ms) =>
          void expect(parseDuration(`${d}d ${h}h ${m}m ${s}s ${ms}ms`)).toBe(
            (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms,
          ),
      ),
    );
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [999.7, "1 s"],
    [3210, "3.2 s"],
    [59_999, "1 min"],
    [61_000, "1 min 1 s"],
    [3_720_000, "1 h 2 min"],
    [3_599_999, "1 h"],
    [97_200_000, "1 d 3 h"],
    [-1500, "-1.5 s"],
  ])("%d ms reads %j", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
