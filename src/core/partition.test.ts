import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPartitions, keyText, type PartitionsManifest, type TimePartitionsManifest } from "./partition.ts";
import { KeyFormat } from "./partition-format.ts";
import { mapPartitions, SAME_TIME } from "./partition-mapping.ts";
import { checkKey, partitionSet } from "./partition-set.ts";
import { joinSpans, subtractSpans, TimeSubset } from "./partition-subset.ts";
import { TimePartitions } from "./partition-time.ts";

const days = (more: Partial<TimePartitionsManifest> = {}): TimePartitionsManifest => ({
  kind: "time",
  expression: "0 0 * * *",
  timezone: "UTC",
  start: "2025-01-01",
  end: null,
  format: "%Y-%m-%d",
  endOffset: 0,
  ...more,
});
const hours = (timezone: string): TimePartitionsManifest =>
  days({ expression: "0 * * * *", format: "%Y-%m-%d-%H:%M", timezone, start: "2020-01-01-00:00" });
const at = (iso: string): number => Date.parse(iso);
const code = (name: string) => expect.objectContaining({ code: name });

describe("keys in time", () => {
  it("one exists once it has ended", () => {
    expect(partitionSet(days()).keys(at("2025-01-03T23:59Z"))).toEqual(["2025-01-01", "2025-01-02"]);
    expect(partitionSet(days()).has("2025-01-03", at("2025-01-03T23:59Z"))).toBe(false);
    expect(partitionSet(days({ endOffset: 1 })).has("2025-01-03", at("2025-01-03T00:00Z"))).toBe(true);
  });
  it("the second of two equal hours has its offset, and the zone decides how long a day is", () => {
    const all = new TimePartitions(hours("Europe/Berlin"));
    const found = Array.from(
      all.windowsOver({ start: at("2023-10-28T23:00Z"), end: at("2023-10-29T03:00Z") }, Infinity),
      ({ start }) => all.keyOf(start),
    );
    expect(found).toEqual(["2023-10-29-01:00", "2023-10-29-02:00", "2023-10-29-02:00+0100", "2023-10-29-03:00"]);
    const { start, end } = new TimePartitions(days({ timezone: "Europe/Berlin" })).windowOf("2025-10-26");
    expect((end - start) / 3_600_000).toBe(25);
  });
  it("a day that begins at a time which comes twice has a plain key", () => {
    const all = new TimePartitions(days({ expression: "30 0 * * *", timezone: "America/Havana" }));
    const { start } = all.windowOf("2023-11-05");
    expect([new Date(start).toISOString(), all.keyOf(start)]).toEqual(["2023-11-05T05:30:00.000Z", "2023-11-05"]);
  });
  it("every key is read back as its own window, in every zone", () => {
    const zones = fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/Los_Angeles",
      "Australia/Lord_Howe",
      "America/Sao_Paulo",
      "Asia/Kathmandu",
      "Africa/Casablanca",
    );
    const expressions = fc.constantFrom("0 * * * *", "*/20 * * * *", "15 * * * *", "0 */6 * * *");
    const near = fc
      .constantFrom("2023-10-29", "2023-11-05", "2023-04-02", "2023-03-26", "2018-02-18", "2024-04-14")
      .map((date) => at(date));
    fc.assert(
      fc.property(zones, expressions, near, fc.integer({ min: -48, max: 48 }), (timezone, expression, ms, off) => {
        const all = new TimePartitions({ ...hours(timezone), expression, start: "2000-01-01T00:00Z" });
        for (const span of all.windowsOver(
          { start: ms + off * 3_600_000, end: ms + (off + 6) * 3_600_000 },
          Infinity,
        )) {
          expect(all.windowOf(all.keyOf(span.start))).toEqual(span);
          expect(all.has(all.keyOf(span.start))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
  it("a range goes from key to key, and not beyond what there is", () => {
    const all = new TimePartitions(days({ end: "2025-01-05" }));
    expect(all.keysBetween("2025-01-02", "2025-01-03")).toEqual(["2025-01-02", "2025-01-03"]);
    expect(() => all.keysBetween("2024-12-31", "2025-01-02")).toThrow(code("PARTITION_OUT_OF_RANGE"));
    expect(() => all.keysBetween("2025-01-02", "2025-01-05")).toThrow(/"2025-01-05" is after the last, "2025-01-04"/);
    expect(() => all.keysBetween("2025-01-03", "2025-01-02")).toThrow(code("PARTITION_OUT_OF_RANGE"));
    expect(() => all.keysBetween("yesterday", "2025-01-02")).toThrow(code("PARTITION_UNKNOWN"));
  });
});

describe("formats", () => {
  it.each(["%Y/%m/%d", "%Y%m%dT%H%M%S", "%Y-%j", "%Y-%m-%d %H:%M %z", "day %d of %Y.%m"])(
    "%s is read as it is written",
    (format) => {
      const form = new KeyFormat(format);
      const local = Date.UTC(2025, 11, 31);
      expect(form.read(form.write(local, 3_600_000))?.local).toBe(local);
    },
  );
  it.each(["%Y-%x", "%m-%d", ""])("%j is refused", (format) =>
    expect(() => new KeyFormat(format)).toThrow(code("BAD_PARTITIONS")),
  );
  it.each(["2025-02-30", "2025-13-01", "2025-01-01T00:00", ""])("%j is no key", (key) =>
    expect(new KeyFormat("%Y-%m-%d").read(key)).toBeNull(),
  );
});

describe("several dimensions", () => {
  const multi: PartitionsManifest = {
    kind: "multi",
    dimensions: { region: { kind: "static", keys: ["emea", "apac"] }, day: days({ end: "2025-01-03" }) },
  };
  it("are every combination, the last by name fastest", () => {
    expect(partitionSet(multi).keys(Infinity).map(keyText)).toEqual([
      "2025-01-01|emea",
      "2025-01-01|apac",
      "2025-01-02|emea",
      "2025-01-02|apac",
    ]);
  });
  it("a key has exactly one part of each", () => {
    expect(() => checkKey(multi, { region: "emea", day: "2025-01-02" }, Infinity)).not.toThrow();
    for (const key of [
      "emea",
      { region: "emea" },
      { region: "emea", day: "2025-01-09" },
      { region: "emea", day: "2025-01-02", more: "x" },
    ])
      expect(() => checkKey(multi, key as never, Infinity)).toThrow(code("PARTITION_UNKNOWN"));
  });
});

describe("what is refused", () => {
  it.each<[PartitionsManifest, string]>([
    [{ kind: "static", keys: [] }, "BAD_PARTITIONS"],
    [{ kind: "static", keys: ["a", "a"] }, "BAD_PARTITIONS"],
    [{ kind: "static", keys: ["a|b"] }, "BAD_PARTITIONS"],
    [{ kind: "multi", dimensions: { only: days() } }, "BAD_PARTITIONS"],
    [days({ expression: "0 0 32 * *" }), "BAD_CRON"],
    [days({ timezone: "Europe/Londn" }), "BAD_TIMEZONE"],
    [days({ start: "soon" }), "BAD_DATE"],
    [days({ end: "2024-12-31" }), "BAD_DATE"],
    [days({ endOffset: 0.5 }), "BAD_PARTITIONS"],
  ])("%j: %s", (manifest, name) => expect(() => checkPartitions(manifest)).toThrow(code(name)));
});

describe("subsets", () => {
  const all = new TimePartitions(days());
  const start = at("2025-01-01");
  const some = fc
    .uniqueArray(fc.nat(40), { maxLength: 20 })
    .map((places) => places.sort((a, b) => a - b).map((place) => all.keyOf(start + place * 86_400_000)));

  it("behave as sets of keys", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [left, right] = [TimeSubset.of(all, a), TimeSubset.of(all, b)];
        const sorted = (keys: Iterable<string>) => [...new Set(keys)].sort();
        expect([...left.or(right).keys()]).toEqual(sorted([...a, ...b]));
        expect([...left.and(right).keys()]).toEqual(sorted(a.filter((key) => b.includes(key))));
        expect([...left.without(right).keys()]).toEqual(sorted(a.filter((key) => !b.includes(key))));
        expect(left.size).toBe(a.length);
        expect([...TimeSubset.fromRanges(all, left.ranges()).keys()]).toEqual(sorted(a));
      }),
      { numRuns: 200 },
    );
  });
  it("a million in a row are one stretch", () => {
    const minutes = new TimePartitions(days({ expression: "* * * * *", format: "%Y-%m-%d-%H:%M" }));
    const subset = TimeSubset.fromRanges(minutes, [["2025-01-01-00:00", "2026-11-26-10:39"]]);
    expect([subset.spans.length, subset.has("2026-05-05-05:05"), subset.has("2026-11-26-10:40")]).toEqual([
      1,
      true,
      false,
    ]);
  });
  it("stretches that touch are one, and taking away may leave two", () => {
    expect(
      joinSpans([
        { start: 5, end: 9 },
        { start: 0, end: 5 },
      ]),
    ).toEqual([{ start: 0, end: 9 }]);
    expect(subtractSpans([{ start: 0, end: 9 }], [{ start: 3, end: 5 }])).toEqual([
      { start: 0, end: 3 },
      { start: 5, end: 9 },
    ]);
  });
});

describe("mappings in time", () => {
  const kinds = [days(), days({ expression: "0 0 * * 0" }), days({ expression: "0 0 1 * *" }), hours("UTC")].map(
    (each) => ({ ...each, start: "2020-01-01T00:00Z" }),
  );
  const any = fc.constantFrom(...kinds);
  it("downstream is whatever has it upstream", () => {
    const mapping = fc.record({
      startOffset: fc.integer({ min: -2, max: 0 }),
      endOffset: fc.integer({ min: -1, max: 0 }),
    });
    fc.assert(
      fc.property(any, any, mapping, fc.integer({ min: 0, max: 300 }), (up, down, offsets, place) => {
        const same = JSON.stringify(up) === JSON.stringify(down);
        const by = { ...SAME_TIME, ...(same && offsets.startOffset <= offsets.endOffset ? offsets : {}) };
        const [now, ups] = [at("2040-01-01"), new TimePartitions(up)];
        const key = ups.keyOf(ups.shift(at("2024-01-07"), 1 + (place % 40)));
        const found = mapPartitions({ mapping: by, direction: "downstream", from: up, to: down, keys: [key], now })
          .keys as string[];
        for (const each of found) {
          const back = mapPartitions({
            mapping: by,
            direction: "upstream",
            from: down,
            to: up,
            keys: [each],
            now,
          }).keys;
          expect(back).toContain(key);
        }
        expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
  it("names what is needed and does not exist", () => {
    const found = mapPartitions({
      mapping: { ...SAME_TIME, startOffset: -1 },
      direction: "upstream",
      from: days(),
      to: days({ start: "2025-01-03" }),
      keys: ["2025-01-03"],
      now: Infinity,
    });
    expect(found).toEqual({ keys: ["2025-01-03"], missing: ["2025-01-02"] });
  });
});

describe("mappings by key", () => {
  const [letters, more]: PartitionsManifest[] = [
    { kind: "static", keys: ["a", "b"] },
    { kind: "static", keys: ["a", "b", "c"] },
  ];
  const map = (
    mapping: Parameters<typeof mapPartitions>[0]["mapping"],
    direction: "upstream" | "downstream",
    keys: string[],
  ) => mapPartitions({ mapping, direction, from: more!, to: letters!, keys, now: 0 });
  it("identity names what is not there", () =>
    expect(map({ kind: "identity" }, "upstream", ["a", "c"])).toEqual({ keys: ["a"], missing: ["c"] }));
  it("all, last and specific do not ask for more than there is", () => {
    expect(map({ kind: "all" }, "upstream", ["c"]).keys).toEqual(["a", "b"]);
    expect(map({ kind: "last" }, "upstream", ["c"]).keys).toEqual(["b"]);
    expect(map({ kind: "last" }, "downstream", ["a"]).keys).toEqual([]);
    expect(map({ kind: "last" }, "downstream", ["c"]).keys).toEqual(["a", "b"]);
    expect(map({ kind: "specific", keys: ["b", "z"] }, "upstream", ["c"])).toEqual({ keys: ["b"], missing: ["z"] });
    expect(map({ kind: "specific", keys: ["b"] }, "downstream", ["b"]).keys).toEqual(["a", "b"]);
    expect(map({ kind: "all" }, "upstream", []).keys).toEqual([]);
  });
  it("one that does not fit its partitions is refused", () => {
    expect(() => map(SAME_TIME, "upstream", ["a"])).toThrow(code("BAD_MAPPING"));
    expect(() => map({ kind: "dimension", dimension: null }, "upstream", ["a"])).toThrow(code("BAD_MAPPING"));
  });
});
