import { describe, expect } from "vitest";
import { TimeZone } from "../../src/core/time-zone.ts";
import {
  checkPartitions,
  keyText,
  type PartitionKey,
  type PartitionsManifest,
  type TimePartitionsManifest,
} from "../../src/core/partition.ts";
import { defaultMapping, mapPartitions, type PartitionMapping, SAME_TIME } from "../../src/core/partition-mapping.ts";
import { partitionSet } from "../../src/core/partition-set.ts";
import { subtractSpans, TimeSubset } from "../../src/core/partition-subset.ts";
import { TimePartitions } from "../../src/core/partition-time.ts";
import type { Span } from "../../src/core/schedule-windows.ts";
import { parseMoment } from "../../src/core/local-date.ts";
import { type Check, checkCases, UNKNOWN } from "../support/case-list.ts";
import { type SharedCase as Case, sharedCases } from "../support/shared-cases.ts";

function manifestOf(each: Case): PartitionsManifest {
  if (each.type === "static") return { kind: "static", keys: each.keys };
  if (each.type === "multi")
    return {
      kind: "multi",
      dimensions: Object.fromEntries(
        Object.entries(each.dimensions as Case).map(([name, one]) => [
          name,
          manifestOf(one as Case) as TimePartitionsManifest,
        ]),
      ),
    };
  const [minute, hour] = [each.minute_offset ?? 0, each.hour_offset ?? 0];
  const expressions: Record<string, string> = {
    hourly: `${minute} * * * *`,
    daily: `${minute} ${hour} * * *`,
    weekly: `${minute} ${hour} * * ${each.day_offset ?? 0}`,
    monthly: `${minute} ${hour} ${each.day_offset ?? 1} * *`,
    cron: each.cron,
  };
  return {
    kind: "time",
    expression: expressions[each.type]!,
    timezone: each.timezone ?? "UTC",
    start: each.start,
    end: each.end ?? null,
    format: each.fmt ?? (each.type === "hourly" ? "%Y-%m-%d-%H:%M" : "%Y-%m-%d"),
    endOffset: each.end_offset ?? 0,
  };
}

const timeOf = (each: Case): TimePartitions => new TimePartitions(manifestOf(each) as TimePartitionsManifest);

function nowOf(text: string | null | undefined, definition: Case): number {
  if (text === null || text === undefined) return Date.now();
  const zone = /^(.*)\[(.*)\]$/.exec(text);
  const name =
    zone?.[2] ?? definition.timezone ?? Object.values((definition.dimensions ?? {}) as Case)[0]?.timezone ?? "UTC";
  return parseMoment(zone?.[1] ?? text, TimeZone.of(name));
}

const local = (text: string, definition: Case): number => parseMoment(text, TimeZone.of(definition.timezone ?? "UTC"));
const spanOf = ([start, end]: [string, string], definition: Case): Span => ({
  start: local(start, definition),
  end: local(end, definition),
});

function daysOf(pattern: string, definition: Case): string[] {
  const all = timeOf(definition);
  let key = all.keyOf(all.startMs);
  return pattern.split("").flatMap((mark) => {
    const here = key;
    key = all.neighbour(key, 1)!;
    return mark === "+" ? [here] : [];
  });
}

/** Both ends of a range, or a list. */
function keysOf(given: Case, definition: Case): PartitionKey[] {
  return Array.isArray(given) ? given : timeOf(definition).keysBetween(given.range[0], given.range[1]);
}

function mappingOf(given: Case | string | undefined): PartitionMapping | null {
  if (given === undefined) return null;
  if (given === "time_window") return SAME_TIME;
  if (given === "identity") return { kind: "identity" };
  if (typeof given === "string") return null;
  switch (given.type) {
    case undefined:
    case "time_window":
      return {
        kind: "time",
        startOffset: given.start_offset ?? 0,
        endOffset: given.end_offset ?? 0,
        allowMissing: given.allow_nonexistent_upstream_partitions ?? false,
      };
    case "identity":
    case "all":
    case "last":
      return { kind: given.type };
    case "specific":
      return { kind: "specific", keys: given.keys };
    case "static":
      return {
        kind: "static",
        keys: Object.fromEntries(Object.entries(given.map).map(([key, value]) => [key, [value].flat() as string[]])),
      };
    case "multi_to_single_dimension":
      return { kind: "dimension", dimension: given.partition_dimension_name ?? given.dimension ?? null };
    case "multi":
      return {
        kind: "dimensions",
        dimensions: Object.fromEntries(
          Object.entries(given.dimensions as Case).map(([name, one]) => [
            name,
            { to: (one as Case).to, mapping: mappingOf((one as Case).mapping)! },
          ]),
        ),
      };
    default:
      return null;
  }
}

function checkMapping(each: Case, direction: "upstream" | "downstream"): void {
  const upstream = direction === "upstream";
  const [from, to] = upstream ? [each.downstream, each.upstream] : [each.upstream, each.downstream];
  const given = upstream ? each.downstream_keys : each.upstream_keys;
  const expected = upstream ? each.expected_upstream_keys : each.expected_downstream_keys;
  const [fromManifest, toManifest] = [manifestOf(from), manifestOf(to)];
  const found = mapPartitions({
    mapping: mappingOf(each.mapping) ?? defaultMapping(fromManifest, toManifest),
    direction,
    from: fromManifest,
    to: toManifest,
    keys: keysOf(given, from),
    now: nowOf(each.current_time, from),
  });
  expect(found.keys.map(keyText).toSorted()).toEqual(keysOf(expected, to).map(keyText).toSorted());
  if (!each.unordered) expect(found.keys).toEqual(keysOf(expected, to));
  if (each.required_but_nonexistent_keys) expect(found.missing).toEqual(each.required_but_nonexistent_keys);
}

function check(each: Case): Check {
  const definition: Case = each.definition ?? {};
  const now = () => nowOf(each.current_time, definition);
  const window = (span: Span | null) =>
    expect(span).toEqual(each.expected_window && spanOf(each.expected_window, definition));
  const set = () => partitionSet(manifestOf(definition));
  switch (each.kind) {
    case "next_key":
      return () => expect(timeOf(definition).neighbour(each.key, 1)).toBe(each.expected);
    case "last_key":
      return () => expect(set().keys(now()).at(-1) ?? null).toBe(each.expected);
    case "windows":
      return () =>
        expect(Array.from(timeOf(definition).windows(now()))).toEqual(
          each.expected_windows.map((one: [string, string]) => spanOf(one, definition)),
        );
    case "window_for_key":
      return () => window(timeOf(definition).windowOf(each.key));
    case "first_window":
      return () => window(timeOf(definition).first(now()));
    case "last_window":
      return () => window(timeOf(definition).last(now()));
    case "keys":
      return () => expect(set().keys(now())).toEqual(each.expected_keys);
    case "all_keys":
      return () => expect(set().keys(Infinity)).toEqual(each.expected_keys);
    case "has_key":
      return () => expect(set().has(each.key, now())).toBe(each.expected);
    case "invalid_definition":
      return () =>
        expect(() => checkPartitions(manifestOf(definition))).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^BAD_/) }),
        );
    case "keys_in_range":
      return each.error_contains
        ? () =>
            expect(() => timeOf(definition).keysBetween(each.range[0], each.range[1])).toThrow(
              expect.objectContaining({ code: "PARTITION_OUT_OF_RANGE" }),
            )
        : () => expect(timeOf(definition).keysBetween(each.range[0], each.range[1])).toEqual(each.expected_keys);
    case "subset_pattern":
      return () =>
        expectSubset(TimeSubset.of(timeOf(definition), daysOf(each.pattern, definition)), each, each.pattern);
    case "subset_add":
      return () =>
        expectSubset(
          TimeSubset.of(timeOf(definition), daysOf(each.initial, definition)).with(daysOf(each.added, definition)),
          each,
          each.expected,
        );
    case "subset_roundtrip":
      return () => {
        const subset = TimeSubset.of(timeOf(definition), each.keys);
        expect([
          ...TimeSubset.fromRanges(timeOf(definition), JSON.parse(JSON.stringify(subset.ranges()))).keys(),
        ]).toEqual(each.keys);
      };
    case "subset_contains":
      return () => {
        const subset = TimeSubset.of(timeOf(definition), each.keys);
        for (const key of each.keys) expect(subset.has(key)).toBe(true);
        for (const key of each.not_in) expect(subset.has(key)).toBe(false);
      };
    case "subset_algebra":
      return () => {
        const [a, b] = [each.a, each.b].map(
          (spans: [string, string][]) =>
            new TimeSubset(
              timeOf(definition),
              spans.map((one) => spanOf(one, definition)),
            ),
        );
        const done = each.op === "subtract" ? a!.without(b!) : each.op === "and" ? a!.and(b!) : a!.or(b!);
        expect(done.spans).toEqual(each.expected.map((one: [string, string]) => spanOf(one, definition)));
      };
    case "window_subtract":
      return () =>
        expect(subtractSpans([spanOf(each.a, {})], [spanOf(each.b, {})])).toEqual(
          each.expected.map((one: [string, string]) => spanOf(one, {})),
        );
    case "bounded":
      return () => checkBounded(each);
    case "map_upstream":
      return () => checkMapping(each, "upstream");
    case "map_downstream":
      return () => checkMapping(each, "downstream");
    case "map_error":
      return () =>
        expect(() =>
          mapPartitions({
            mapping: mappingOf(each.mapping)!,
            direction: "upstream",
            from: manifestOf(each.downstream),
            to: manifestOf(each.upstream),
            keys: partitionSet(manifestOf(each.downstream)).keys(Date.now()),
            now: Date.now(),
          }),
        ).toThrow(expect.objectContaining({ code: "BAD_MAPPING" }));
    default:
      return UNKNOWN;
  }
}

function expectSubset(subset: TimeSubset, each: Case, pattern: string): void {
  expect([subset.spans.length, subset.size]).toEqual([each.expected_time_windows, each.expected_len]);
  const days = daysOf(pattern, each.definition);
  expect([...subset.keys()]).toEqual(days);
  const all = daysOf(pattern.replaceAll("-", "+"), each.definition);
  const until = timeOf(each.definition).windowOf(all.at(-1)!).end;
  expect(subset.keysOutside(until)).toEqual(all.filter((day) => !days.includes(day)));
}

function checkBounded(each: Case): void {
  const all = timeOf(each.definition);
  const [first, last] = [each.first_window_keys, each.last_window_keys].map(([start, end]) => ({
    start: all.windowOf(start).start,
    end: all.windowOf(end).start,
  }));
  expect([all.first(Infinity), all.last(Infinity), all.keys(Infinity).length]).toEqual([first, last, each.count]);
  expect([all.neighbour(each.first_window_keys[0], 1), all.neighbour(each.last_window_keys[0], 1)]).toEqual([
    each.next_key_after_first,
    each.next_key_after_last,
  ]);
  expect([all.has(each.last_window_keys[0]), all.has(each.last_window_keys[1])]).toEqual([
    each.has_last_start,
    each.has_last_end,
  ]);
}

/** Airflow's names of a moment's partition, as our formats. */
const MAPPERS: Readonly<Record<string, [expression: string, format: string]>> = {
  HourlyMapper: ["0 * * * *", "%Y-%m-%dT%H"],
  DailyMapper: ["0 0 * * *", "%Y-%m-%d"],
  WeeklyMapper: ["0 0 * * 1", "%Y-%m-%d (W%V)"],
  MonthlyMapper: ["0 0 1 * *", "%Y-%m"],
  QuarterlyMapper: ["0 0 1 */3 *", "%Y-Q%q"],
  YearlyMapper: ["0 0 1 1 *", "%Y"],
};

function inTime(expression: string, format: string, start = "2020-01-01T00:00Z", timezone = "UTC"): TimePartitions {
  return new TimePartitions({ kind: "time", expression, timezone, start, end: null, format, endOffset: 0 });
}

function mapperCheck(each: Case): Check {
  const known = MAPPERS[each.mapper];
  if (known)
    return () => {
      const all = inTime(...known);
      const { start } = all.windowOf(each.expect);
      expect(all.keyOf(start)).toBe(each.expect);
      const at = Date.parse(`${each.input}Z`);
      expect([start <= at, all.shift(start, 1) > at]).toEqual([true, true]);
    };
  if (each.mapper.startsWith("AllowedKeyMapper")) {
    const keys = /\[(.*)\]/.exec(each.mapper)![1]!.split(",");
    return () => expect(partitionSet({ kind: "static", keys }).has(each.input, 0)).toBe(each.expect !== undefined);
  }
  if (each.mapper === "ProductMapper(Hourly,Daily) delimiter=|") {
    const parts = each.input.split("|").map((text: string) => Date.parse(`${text}Z`));
    const [hour, day] = [inTime(...MAPPERS.HourlyMapper!), inTime(...MAPPERS.DailyMapper!)];
    const key = () => ({ a: hour.keyOf(hour.shift(parts[0] + 1, -1)), b: day.keyOf(day.shift(parts[1] + 1, -1)) });
    return () => expect(keyText(key())).toBe(each.expect);
  }
  return "keys of several dimensions are records, and as text joined by |; nothing is read back from a text";
}

function cronPartitionCheck(each: Case): Check {
  if (each.expect.partition_key === null) return "a window of a schedule, checked with those";
  const all = inTime(each.cron, "%Y-%m-%dT%H:%M:%S", each.start_date, each.timezone);
  return () => {
    const last = each.last_run_after ? all.keyOf(Date.parse(each.last_run_after)) : null;
    const key = last === null ? all.keyOf(all.first(Infinity)!.start) : all.neighbour(last, 1)!;
    expect([key, all.windowOf(key).start]).toEqual([each.expect.partition_key, Date.parse(each.expect.partition_date)]);
  };
}

const timetable = sharedCases("timetable.json");

describe("partitions", () =>
  checkCases("partition", [
    ...(sharedCases("partitions.json").cases ?? []).map((each, place): [string, Check] => [
      `${place} ${each.kind} ${each.label ?? ""} ${JSON.stringify(each.definition ?? each.mapping ?? "")}`,
      check(each),
    ]),
    ...(timetable.partition_cases ?? []).map((each): [string, Check] => [each.id, cronPartitionCheck(each)]),
    ...(timetable.partition_mapper_cases ?? []).map((each): [string, Check] => [
      `${each.mapper} ${each.input}`,
      mapperCheck(each),
    ]),
  ]));
