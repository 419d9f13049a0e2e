import { TuttiError } from "./errors.ts";
import { KEY_SEPARATOR, type OneDimension, type PartitionsManifest } from "./partition.ts";
import { partitionSet } from "./partition-set.ts";
import { TimePartitions } from "./partition-time.ts";

/** From one key to another, both included, in the order of the dimension. */
export interface KeyRange {
  readonly first: string;
  readonly last: string;
}

/** Every combination of some keys of each dimension, in the order of the dimensions' names. */
export type PartitionBox = readonly KeyRange[];

/** Some of the partitions of something, as they were asked for: a hundred thousand in a row take as little room as one. */
export interface PartitionSelection {
  readonly partitions: PartitionsManifest;
  readonly boxes: readonly PartitionBox[];
}

/** Partitions of one dimension have no name. */
const ONLY = "";
/** In the place of a key: all that exist. */
const ALL = "*";
/** Listed in a refusal. */
const MOST_NAMED = 20;

/** The dimensions by name, in the order in which a key has them. */
export const dimensionsOf = (partitions: PartitionsManifest): readonly (readonly [string, OneDimension])[] =>
  partitions.kind === "multi"
    ? Object.entries(partitions.dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))
    : [[ONLY, partitions]];

/**
 * What is meant by `text`: a key, several with commas between, ranges `FIRST..LAST` with both included, `*` for all that exist at `now` (epoch
 * milliseconds). Of several dimensions each has its part, with `|` between, in the order of their names, or by name: `day=2025-01-02|region=*`, where one
 * that is left out has all of its keys.
 *
 * @throws TuttiError `PARTITION_UNKNOWN`, `PARTITION_OUT_OF_RANGE`
 */
export function selectPartitions(partitions: PartitionsManifest, text: string, now: number): PartitionSelection {
  const dimensions = dimensionsOf(partitions);
  const whole = text.trim();
  // A key of a list may have a comma.
  const parts =
    dimensions.length === 1 && has(dimensions[0]![1], whole) ? [whole] : whole.split(",").map((part) => part.trim());
  return { partitions, boxes: parts.map((part) => boxOf(dimensions, part, now)) };
}

function boxOf(dimensions: ReturnType<typeof dimensionsOf>, text: string, now: number): PartitionBox {
  if (dimensions.length === 1) return [rangeOf(dimensions[0]!, text, now)];
  const pieces = text.split(KEY_SEPARATOR).map((piece) => piece.trim());
  const named = new Map(pieces.map((piece) => [piece.split("=", 1)[0]!, piece.slice(piece.indexOf("=") + 1)]));
  const byName = pieces.every(
    (piece) => piece.includes("=") && dimensions.some(([name]) => piece.startsWith(`${name}=`)),
  );
  if (byName && named.size === pieces.length)
    return dimensions.map((dimension) => rangeOf(dimension, named.get(dimension[0]) ?? ALL, now));
  if (pieces.length === dimensions.length)
    return dimensions.map((dimension, place) => rangeOf(dimension, pieces[place]!, now));
  const names = dimensions.map(([name]) => name);
  throw new TuttiError(
    "PARTITION_UNKNOWN",
    `There is no partition ${JSON.stringify(text)}. Its key has ${names.length} parts: ${names.join(KEY_SEPARATOR)}; or say ${names.map((name) => `${name}=…`).join(KEY_SEPARATOR)}.`,
  );
}

function rangeOf([name, dimension]: readonly [string, OneDimension], text: string, now: number): KeyRange {
  if (has(dimension, text)) return { first: text, last: text };
  if (text === ALL) return allOf(name, dimension, now);
  const [first = "", last = ""] = text.split("..", 2).map((key) => key.trim());
  const missing = text.includes("..") ? [first, last].find((key) => !has(dimension, key)) : text;
  if (missing !== undefined) throw unknown(name, dimension, missing);
  if (placeOf(dimension, first) <= placeOf(dimension, last)) return { first, last };
  throw new TuttiError("PARTITION_OUT_OF_RANGE", `"${first}" is after "${last}". The first partition comes first.`);
}

function allOf(name: string, dimension: OneDimension, now: number): KeyRange {
  if (dimension.kind === "static") return { first: dimension.keys[0]!, last: dimension.keys.at(-1)! };
  const time = new TimePartitions(dimension);
  const [first, last] = [time.first(now), time.last(now)];
  if (first !== null && last !== null) return { first: time.keyOf(first.start), last: time.keyOf(last.start) };
  throw new TuttiError("PARTITION_UNKNOWN", `There is no partition${ofDimension(name)} yet: none has ended.`);
}

/** Also one that has not ended: it is left alone when it is reached. */
const has = (dimension: OneDimension, key: string): boolean => partitionSet(dimension).has(key, Infinity);

/** What keys of a dimension are ordered by. */
export const placeOf = (dimension: OneDimension, key: string): number =>
  dimension.kind === "static" ? dimension.keys.indexOf(key) : new TimePartitions(dimension).windowOf(key).start;

function unknown(name: string, dimension: OneDimension, key: string): TuttiError {
  const known =
    dimension.kind === "time"
      ? `Keys are written ${dimension.format}, and begin at ${dimension.start}.`
      : dimension.keys.length > MOST_NAMED
        ? `There are ${dimension.keys.length} others.`
        : `There are: ${dimension.keys.map((each) => `"${each}"`).join(", ")}.`;
  return new TuttiError(
    "PARTITION_UNKNOWN",
    `There is no partition ${JSON.stringify(key)}${ofDimension(name)}. ${known}`,
  );
}

const ofDimension = (name: string): string => (name === ONLY ? "" : ` of "${name}"`);
