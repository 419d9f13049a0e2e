import { TuttiError } from "./errors.ts";
import { dimensionMapping, mapDimensions } from "./partition-dimensions.ts";
import type { OneDimension, PartitionKey, PartitionsManifest, StaticPartitionsManifest } from "./partition.ts";
import { partitionSet } from "./partition-set.ts";
import { mapTime } from "./partition-time-mapping.ts";

/** Which upstream partitions a downstream partition is made from. */
export type PartitionMapping =
  /** The partition with the same key. */
  | { readonly kind: "identity" }
  | { readonly kind: "all" }
  /** The last that exists. */
  | { readonly kind: "last" }
  | { readonly kind: "specific"; readonly keys: readonly string[] }
  /** From an upstream key to the downstream keys that it goes into. */
  | { readonly kind: "static"; readonly keys: Readonly<Record<string, readonly string[]>> }
  | TimeMapping
  /** One side has several dimensions; the other is one of them. `null`: the only one that fits. */
  | { readonly kind: "dimension"; readonly dimension: string | null }
  /** By upstream dimension: the downstream dimension that it follows from. An upstream dimension without one: all of its keys. */
  | {
      readonly kind: "dimensions";
      readonly dimensions: Readonly<Record<string, { readonly to: string; readonly mapping: PartitionMapping }>>;
    };

/** Every upstream window that overlaps the downstream one, whose edges are moved by so many partitions before. */
export interface TimeMapping {
  readonly kind: "time";
  readonly startOffset: number;
  readonly endOffset: number;
  /** An upstream partition that does not exist is not missed. */
  readonly allowMissing: boolean;
}

export interface MappedKeys {
  readonly keys: readonly PartitionKey[];
  /** What is needed, and does not exist. Downstream: nothing. */
  readonly missing: readonly string[];
}

/** `from` is the side whose keys are given, `to` the side whose keys are asked for. */
export interface MappingQuestion {
  readonly mapping: PartitionMapping;
  readonly direction: "upstream" | "downstream";
  readonly from: PartitionsManifest;
  readonly to: PartitionsManifest;
  readonly keys: readonly PartitionKey[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export const SAME_TIME: TimeMapping = { kind: "time", startOffset: 0, endOffset: 0, allowMissing: false };

/** What is meant where nothing is said. */
export function defaultMapping(a: PartitionsManifest, b: PartitionsManifest): PartitionMapping {
  if (a.kind === "time" && b.kind === "time") return SAME_TIME;
  if ((a.kind === "multi") !== (b.kind === "multi")) return { kind: "dimension", dimension: null };
  return JSON.stringify(a) === JSON.stringify(b) ? { kind: "identity" } : { kind: "all" };
}

/** @throws TuttiError `BAD_MAPPING`, `PARTITION_UNKNOWN` */
export function mapPartitions(question: MappingQuestion): MappedKeys {
  const { mapping, direction, from, to, keys, now } = question;
  const set = partitionSet(to);
  const upstream = direction === "upstream";
  switch (mapping.kind) {
    case "identity":
      return existing(keys, (key) => set.has(key, now), upstream);
    case "all":
      return { keys: keys.length === 0 ? [] : set.keys(now), missing: [] };
    case "last":
      return { keys: keys.length === 0 ? [] : ofLast(question), missing: [] };
    case "specific": {
      if (upstream) return existing(keys.length === 0 ? [] : mapping.keys, (key) => set.has(key, now), true);
      return { keys: keys.some((key) => mapping.keys.includes(key as string)) ? set.keys(now) : [], missing: [] };
    }
    case "static":
      return { keys: byTable(mapping.keys, direction, keys, oneOf(to, "static", mapping)), missing: [] };
    case "time":
      return mapTime(
        mapping,
        direction,
        oneOf(from, "time", mapping),
        oneOf(to, "time", mapping),
        keys as string[],
        now,
      );
    case "dimension":
      return dimensionMapping(mapping.dimension, question, mapPartitions);
    case "dimensions":
      return mapDimensions(mapping.dimensions, question, mapPartitions);
  }
}

function existing(keys: readonly PartitionKey[], has: (key: PartitionKey) => boolean, upstream: boolean): MappedKeys {
  const missing = upstream ? keys.filter((key) => !has(key)).map(String) : [];
  return { keys: keys.filter(has), missing };
}

function ofLast({ direction, from, to, keys, now }: MappingQuestion): PartitionKey[] {
  const last = partitionSet(direction === "upstream" ? to : from)
    .keys(now)
    .at(-1);
  if (direction === "upstream") return last === undefined ? [] : [last];
  return keys.some((key) => JSON.stringify(key) === JSON.stringify(last)) ? partitionSet(to).keys(now) : [];
}

function byTable(
  table: Readonly<Record<string, readonly string[]>>,
  direction: MappingQuestion["direction"],
  keys: readonly PartitionKey[],
  to: StaticPartitionsManifest,
): string[] {
  const given = new Set(keys as readonly string[]);
  const found = new Set(
    Object.entries(table).flatMap(([up, down]) =>
      direction === "downstream" ? (given.has(up) ? down : []) : down.some((key) => given.has(key)) ? [up] : [],
    ),
  );
  return to.keys.filter((key) => found.has(key));
}

function oneOf<Kind extends OneDimension["kind"]>(
  partitions: PartitionsManifest,
  kind: Kind,
  mapping: PartitionMapping,
): Extract<OneDimension, { readonly kind: Kind }> {
  if (partitions.kind === kind) return partitions as Extract<OneDimension, { readonly kind: Kind }>;
  throw new TuttiError(
    "BAD_MAPPING",
    `A "${mapping.kind}" mapping goes between ${kind} partitions; these are ${partitions.kind} ones.`,
  );
}
