import { describe, expect, test } from "vitest";
import { asset } from "./asset.ts";
import { partitions } from "./partition.ts";

const code = (name: string) => expect.objectContaining({ code: name });
const now = new Date("2025-01-03T12:00Z");

test("days, hours, weeks and months, with keys by their format", () => {
  const start = "2025-01-01";
  expect(partitions.daily({ start }).keys(now)).toEqual(["2025-01-01", "2025-01-02"]);
  expect(partitions.hourly({ start, at: ":15" }).keys(now).slice(-1)).toEqual(["2025-01-03-10:15"]);
  expect(partitions.weekly({ start, begins: "monday" }).keys(new Date("2025-01-20")).slice(0, 2)).toEqual([
    "2025-01-06",
    "2025-01-13",
  ]);
  expect(partitions.monthly({ start, format: "%Y-%m" }).keys(new Date("2025-03-01"))).toEqual(["2025-01", "2025-02"]);
  expect(partitions.cron("0 */6 * * *", { start }).keys(new Date("2025-01-01T13:00Z"))).toEqual([
    "2025-01-01-00:00",
    "2025-01-01-06:00",
  ]);
});

test("a key has a window as long as the zone makes it", () => {
  const days = partitions.daily({ start: "2025-01-01", timezone: "Europe/London" });
  expect(days.window("2025-03-30")).toEqual({
    start: new Date("2025-03-30T00:00Z"),
    end: new Date("2025-03-30T23:00Z"),
  });
  expect(days.between("2025-03-30", "2025-04-01")).toEqual(["2025-03-30", "2025-03-31", "2025-04-01"]);
  expect([days.has("2025-01-02", now), days.has("2025-01-03", now)]).toEqual([true, false]);
  expect(partitions.daily({ start: "2025-01-01", at: "06:00" }).window("2025-01-02").start).toEqual(
    new Date("2025-01-02T06:00Z"),
  );
});

test("keys of a list, and of several dimensions", () => {
  const regions = partitions.static(["emea", "apac"]);
  expect(regions.keys()).toEqual(["emea", "apac"]);
  const sales = partitions.multi({ region: regions, day: partitions.daily({ start: new Date("2025-01-01") }) });
  expect(sales.keys(now)).toHaveLength(4);
  expect(sales.has({ region: "emea", day: "2025-01-02" }, now)).toBe(true);
  expect(sales.has({ region: "emea", day: "2025-01-03" }, now)).toBe(false);
});

describe("what is refused", () => {
  test.each<[string, () => unknown, string]>([
    ["no start", () => partitions.daily({} as never), "BAD_OPTION"],
    ["no options", () => partitions.daily(undefined as never), "BAD_OPTION"],
    [
      "an option that is none",
      () => partitions.daily({ start: "2025-01-01", begins: "monday" } as never),
      "UNKNOWN_OPTION",
    ],
    ["a time that is none", () => partitions.daily({ start: "2025-01-01", at: "6" }), "BAD_OPTION"],
    [
      "a weekday that is none",
      () => partitions.weekly({ start: "2025-01-01", begins: "someday" as never }),
      "BAD_OPTION",
    ],
    ["the 32nd", () => partitions.monthly({ start: "2025-01-01", on: 32 }), "BAD_CRON"],
    ["an end before the start", () => partitions.daily({ start: "2025-01-01", end: "2024-01-01" }), "BAD_DATE"],
    ["a format without a year", () => partitions.daily({ start: "2025-01-01", format: "%m" }), "BAD_PARTITIONS"],
    ["a zone that is none", () => partitions.daily({ start: "2025-01-01", timezone: "Mars" }), "BAD_TIMEZONE"],
    ["keys that are no list", () => partitions.static("emea" as never), "BAD_OPTION"],
    ["a key twice", () => partitions.static(["a", "a"]), "BAD_PARTITIONS"],
    ["one dimension", () => partitions.multi({ a: partitions.static(["a"]) }), "BAD_PARTITIONS"],
    [
      "dimensions in dimensions",
      () =>
        partitions.multi({
          a: partitions.multi({ b: partitions.static(["b"]), c: partitions.static(["c"]) }) as never,
          d: partitions.static(["d"]),
        }),
      "BAD_OPTION",
    ],
    ["a key that is none", () => partitions.daily({ start: "2025-01-01" }).window("yesterday"), "PARTITION_UNKNOWN"],
  ])("%s", (_, make, name) => expect(make).toThrow(code(name)));
});

test("an asset is cut into partitions of any kind, and into nothing else", () => {
  const regions = partitions.static(["emea"]);
  for (const cut of [regions, partitions.multi({ region: regions, day: partitions.daily({ start: "2025-01-01" }) })])
    expect(asset("sales", { partitions: cut }).name).toBe("sales");
  for (const wrong of [["emea"], "emea", null])
    expect(() => asset("sales", { partitions: wrong as never })).toThrow(code("BAD_OPTION"));
});

test("keys of what something is made from, and of what is made from it", () => {
  const start = "2025-01-01";
  const at = { now: new Date("2025-01-09T12:00Z") };
  const [hours, days] = [partitions.hourly({ start }), partitions.daily({ start })];
  const months = partitions.monthly({ start: "2024-11-01", format: "%Y-%m" });
  const regions = partitions.static(["emea", "apac"]);
  const both = partitions.multi({ day: days, region: regions });
  expect(days.upstream(hours, "2025-01-02", at)).toHaveLength(24);
  expect(hours.downstream(days, "2025-01-02-13:00", at)).toEqual(["2025-01-02"]);
  const week = { ...at, startOffset: -2 };
  expect(days.upstream(days, "2025-01-08", week)).toEqual(["2025-01-06", "2025-01-07", "2025-01-08"]);
  // What does not exist is not among them.
  expect(days.upstream(days, "2025-01-01", week)).toEqual(["2025-01-01"]);
  expect(days.downstream(days, "2025-01-08", week)).toEqual(["2025-01-08"]);
  expect(days.downstream(days, "2025-01-06", week)).toEqual(["2025-01-06", "2025-01-07", "2025-01-08"]);
  expect(days.upstream(months, "2025-01-02", { ...at, startOffset: 0 })).toEqual([]);
  expect(months.downstream(days, "2024-12", at)).toEqual([]);
  expect(regions.upstream(regions, "emea")).toEqual(["emea"]);
  expect(regions.upstream(partitions.static(["a", "b"]), "emea")).toEqual(["a", "b"]);
  expect(days.downstream(both, "2025-01-02", at)).toEqual([
    { day: "2025-01-02", region: "emea" },
    { day: "2025-01-02", region: "apac" },
  ]);
  expect(both.upstream(regions, { day: "2025-01-02", region: "apac" }, at)).toEqual(["apac"]);
});

test("what can't be mapped is refused by name", () => {
  const days = partitions.daily({ start: "2025-01-01" });
  const regions = partitions.static(["emea", "apac"]);
  expect(() => days.upstream(days, "2024-12-31")).toThrow(code("PARTITION_UNKNOWN"));
  expect(() => regions.upstream(regions, "mars")).toThrow(code("PARTITION_UNKNOWN"));
  expect(() => regions.upstream(regions, "emea", { startOffset: -1 })).toThrow(code("BAD_MAPPING"));
  expect(() => days.upstream(days, "2025-01-02", { offset: -1 } as object)).toThrow(code("UNKNOWN_OPTION"));
});
