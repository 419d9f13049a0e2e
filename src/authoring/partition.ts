import {
  checkPartitions,
  type OneDimension,
  type PartitionKey,
  type PartitionsManifest,
  type TimePartitionsManifest,
} from "../core/partition.ts";
import { defaultMapping, mapPartitions } from "../core/partition-mapping.ts";
import { checkKey, partitionSet } from "../core/partition-set.ts";
import { TimePartitions } from "../core/partition-time.ts";
import { badOption, knownOptions, wholeNumber, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";
import { type Weekday, weekdayNumber } from "./schedule-calendar.ts";

/** What partitions in time have in common. */
export interface TimePartitionsOptions {
  /** The first begins here or after it: in the form of a key, or a moment. */
  readonly start: string | Date;
  /** The last has ended by then. Default: they go on. */
  readonly end?: string | Date;
  /** IANA name of the zone that they are cut in. Default: `"UTC"`. */
  readonly timezone?: string;
  /** How a key is written, in strftime's fields `%Y %m %d %H %M %S %z %j %V`, and `%q`. Default: `"%Y-%m-%d"`; by the hour and by cron `"%Y-%m-%d-%H:%M"`. */
  readonly format?: string;
  /** How many more exist than have ended; below zero, how many fewer. Default: 0. */
  readonly endOffset?: number;
}
export interface HourlyPartitionsOptions extends TimePartitionsOptions {
  /** Past the hour, `":15"`. Default: `":00"`. */
  readonly at?: string;
}
export interface DailyPartitionsOptions extends TimePartitionsOptions {
  /** Local time at which a partition begins. Default: `"00:00"`. */
  readonly at?: string;
}
export interface WeeklyPartitionsOptions extends DailyPartitionsOptions {
  /** The first day of a week. Default: `"sunday"`. */
  readonly begins?: Weekday;
}
export interface MonthlyPartitionsOptions extends DailyPartitionsOptions {
  /** The day of the month on which a partition begins. Default: 1. */
  readonly on?: number;
}

/** How keys of one side follow from those of the other. */
export interface MappingOptions {
  /** Between partitions in time: the beginning of the stretch that is made from is moved by so many partitions of the side it is made for. Default: 0. */
  readonly startOffset?: number;
  /** The same for its end. Default: 0. */
  readonly endOffset?: number;
  /** Only partitions that exist at this moment. Default: now. */
  readonly now?: Date;
}

/** How something is cut into parts that are made and remade one by one. */
export class Partitions<Key extends PartitionKey = PartitionKey> {
  readonly manifest: PartitionsManifest;

  constructor(manifest: PartitionsManifest, what: string) {
    within(what, () => checkPartitions(manifest));
    this.manifest = manifest;
  }

  /** Those that exist at a moment, in order. Default: now. */
  keys(now: Date = new Date()): Key[] {
    return partitionSet(this.manifest).keys(now.getTime()) as Key[];
  }

  /** Whether there is one with this key at a moment. Default: now. */
  has(key: Key, now: Date = new Date()): boolean {
    return partitionSet(this.manifest).has(key, now.getTime());
  }

  /**
   * Those of `source` that one here is made from: in time all that overlap its window, else the one with the same key, that of the dimension which both
   * have, or all. @throws TuttiError `PARTITION_UNKNOWN`, `BAD_MAPPING`
   *
   * @example days.upstream(hours, "2025-01-02"); // its hours
   * days.upstream(days, "2025-01-08", { startOffset: -6 }); // it, and the six before
   */
  upstream<Source extends PartitionKey>(source: Partitions<Source>, key: Key, options: MappingOptions = {}): Source[] {
    return mapped("upstream", this, source, key, options) as Source[];
  }

  /** Those of `made` that are made from one here: `made.upstream` the other way round. @throws TuttiError `PARTITION_UNKNOWN`, `BAD_MAPPING` */
  downstream<Made extends PartitionKey>(made: Partitions<Made>, key: Key, options: MappingOptions = {}): Made[] {
    return mapped("downstream", this, made, key, options) as Made[];
  }
}

function mapped(
  direction: "upstream" | "downstream",
  { manifest: from }: Partitions,
  { manifest: to }: Partitions,
  key: PartitionKey,
  options: MappingOptions,
): readonly PartitionKey[] {
  const given = knownOptions(options, ["startOffset", "endOffset", "now"], `partitions.${direction}(…)`);
  const { startOffset = 0, endOffset = 0, now = new Date() } = given;
  checkKey(from, key, Infinity);
  const usual = defaultMapping(from, to);
  const moved = startOffset !== 0 || endOffset !== 0;
  if (moved && usual.kind !== "time")
    throw refusal("BAD_MAPPING", `partitions.${direction}(…): only partitions in time are moved by an offset.`);
  const mapping = usual.kind === "time" ? { ...usual, startOffset, endOffset } : usual;
  return mapPartitions({ mapping, direction, from, to, keys: [key], now: now.getTime() }).keys;
}

/** Partitions that are stretches of time. */
export class PartitionsInTime extends Partitions<string> {
  readonly #time: TimePartitions;

  constructor(manifest: TimePartitionsManifest, what: string) {
    super(manifest, what);
    this.#time = new TimePartitions(manifest);
  }

  /** The half-open window of a key. @throws TuttiError `PARTITION_UNKNOWN` */
  window(key: string): { readonly start: Date; readonly end: Date } {
    const { start, end } = this.#time.windowOf(key);
    return { start: new Date(start), end: new Date(end) };
  }

  /** From one key to another, both included. @throws TuttiError `PARTITION_UNKNOWN`, `PARTITION_OUT_OF_RANGE` */
  between(first: string, last: string): string[] {
    return this.#time.keysBetween(first, last);
  }
}

/**
 * Cuts something into partitions: by time, by a list of keys, or by the combinations of several such dimensions. A partition in time
 * exists once it has ended.
 *
 * @throws TuttiError `BAD_PARTITIONS`, `BAD_CRON`, `BAD_TIMEZONE`, `BAD_DATE`, `BAD_OPTION`, `UNKNOWN_OPTION`
 * @example
 * const days = partitions.daily({ start: "2025-01-01", timezone: "Europe/London" });
 * days.window("2025-03-30"); // 23 hours
 * const sales = partitions.multi({ day: days, region: partitions.static(["emea", "apac"]) });
 */
export const partitions = {
  hourly: (options: HourlyPartitionsOptions): PartitionsInTime => {
    const minute = timeOf(options?.at ?? ":00", "partitions.hourly(…)")[1];
    return inTime("partitions.hourly(…)", options, ["at"], `${minute} * * * *`, BY_MINUTE);
  },
  daily: (options: DailyPartitionsOptions): PartitionsInTime => {
    const [hour, minute] = timeOf(options?.at ?? "00:00", "partitions.daily(…)");
    return inTime("partitions.daily(…)", options, ["at"], `${minute} ${hour} * * *`, BY_DAY);
  },
  weekly: (options: WeeklyPartitionsOptions): PartitionsInTime => {
    const what = "partitions.weekly(…)";
    const [hour, minute] = timeOf(options?.at ?? "00:00", what);
    const day = weekdayNumber(options?.begins ?? "sunday", what, "begins");
    return inTime(what, options, ["at", "begins"], `${minute} ${hour} * * ${day}`, BY_DAY);
  },
  monthly: (options: MonthlyPartitionsOptions): PartitionsInTime => {
    const [hour, minute] = timeOf(options?.at ?? "00:00", "partitions.monthly(…)");
    return inTime("partitions.monthly(…)", options, ["at", "on"], `${minute} ${hour} ${options?.on ?? 1} * *`, BY_DAY);
  },
  cron: (expression: string, options: TimePartitionsOptions): PartitionsInTime =>
    inTime(`partitions.cron(${JSON.stringify(expression)})`, options, [], expression, BY_MINUTE),
  static: (keys: readonly string[]): Partitions<string> => {
    const what = "partitions.static(…)";
    if (!Array.isArray(keys)) throw badOption(what, "keys", keys, "a list of texts");
    return new Partitions({ kind: "static", keys: [...(keys as readonly string[])] }, what);
  },
  multi: <Dimensions extends Readonly<Record<string, Partitions<string>>>>(
    dimensions: Dimensions,
  ): Partitions<{ readonly [Name in keyof Dimensions & string]: string }> => {
    const what = "partitions.multi(…)";
    const wanted = "partitions of one dimension by name, such as { day: partitions.daily({ … }) }";
    if (typeof dimensions !== "object" || dimensions === null) throw badOption(what, "dimensions", dimensions, wanted);
    for (const [name, each] of Object.entries(dimensions))
      if (!(each instanceof Partitions) || each.manifest.kind === "multi") throw badOption(what, name, each, wanted);
    const manifests = Object.entries(dimensions).map(([name, each]) => [name, each.manifest as OneDimension] as const);
    return new Partitions({ kind: "multi", dimensions: Object.fromEntries(manifests) }, what);
  },
};

const BY_DAY = "%Y-%m-%d";
const BY_MINUTE = "%Y-%m-%d-%H:%M";
const COMMON = ["start", "end", "timezone", "format", "endOffset"] as const;

function inTime<Options extends TimePartitionsOptions>(
  what: string,
  given: Options,
  own: readonly (keyof Options & string)[],
  expression: string,
  usual: string,
): PartitionsInTime {
  const {
    start,
    end,
    timezone = "UTC",
    format = usual,
    endOffset = 0,
  } = knownOptions(given, [...own, ...COMMON], what);
  if (start === undefined) throw badOption(what, "start", start, `a key such as "2025-01-01", or a moment`);
  wholeNumber(Math.abs(endOffset), 0, what, "endOffset");
  const edges = { start: edgeText(start, what), end: end === undefined ? null : edgeText(end, what) };
  return new PartitionsInTime({ kind: "time", expression, timezone, ...edges, format, endOffset }, what);
}

function edgeText(edge: string | Date, what: string): string {
  if (!(edge instanceof Date)) return edge;
  if (Number.isNaN(edge.getTime())) throw refusal("BAD_DATE", `${what}: an edge is an invalid Date.`);
  return edge.toISOString();
}

function timeOf(at: string, what: string): readonly [hour: number, minute: number] {
  const found = /^([01]\d|2[0-3]|):([0-5]\d)$/.exec(at);
  if (found === null) throw badOption(what, "at", at, 'a time such as "06:00"');
  return [Number(found[1]), Number(found[2])];
}
