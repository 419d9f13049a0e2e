import { TuttiError } from "./errors.ts";
import { keyText, type MultiPartitionsManifest, type PartitionKey, type PartitionsManifest } from "./partition.ts";
import { TimePartitions } from "./partition-time.ts";

/** The partitions of something, of whatever kind. Moments are epoch milliseconds; `now` may be Infinity. */
export interface PartitionSet {
  /** In order; of several dimensions, the last by name fastest. */
  keys(now: number): PartitionKey[];
  has(key: PartitionKey, now: number): boolean;
}

/** Reading them costs more than asking. */
const KNOWN = new WeakMap<PartitionsManifest, PartitionSet>();

/** @throws TuttiError as `checkPartitions` */
export function partitionSet(partitions: PartitionsManifest): PartitionSet {
  const known = KNOWN.get(partitions);
  if (known !== undefined) return known;
  const set = read(partitions);
  KNOWN.set(partitions, set);
  return set;
}

/** @throws TuttiError `PARTITION_UNKNOWN` */
export function checkKey(partitions: PartitionsManifest, key: PartitionKey, now: number): void {
  if (partitionSet(partitions).has(key, now)) return;
  throw new TuttiError("PARTITION_UNKNOWN", `There is no partition ${JSON.stringify(keyText(key))}, or not yet.`);
}

function read(partitions: PartitionsManifest): PartitionSet {
  switch (partitions.kind) {
    case "time": {
      const time = new TimePartitions(partitions);
      return { keys: (now) => time.keys(now), has: (key, now) => typeof key === "string" && time.has(key, now) };
    }
    case "static": {
      const known = new Set(partitions.keys);
      return { keys: () => [...partitions.keys], has: (key) => typeof key === "string" && known.has(key) };
    }
    case "multi":
      return multiSet(partitions);
  }
}

function multiSet({ dimensions }: MultiPartitionsManifest): PartitionSet {
  const names = Object.keys(dimensions).sort();
  const sets = names.map((name) => partitionSet(dimensions[name]!));
  return {
    keys: (now) =>
      productOf(
        names,
        sets.map((set) => set.keys(now) as string[]),
      ),
    has: (key, now) =>
      typeof key === "object" &&
      Object.keys(key).length === names.length &&
      names.every((name, place) => key[name] !== undefined && sets[place]!.has(key[name], now)),
  };
}

/** Every combination, the last fastest. */
export function productOf(names: readonly string[], lists: readonly (readonly string[])[]): Record<string, string>[] {
  return names.reduce<Record<string, string>[]>(
    (found, name, place) => found.flatMap((key) => lists[place]!.map((part) => ({ ...key, [name]: part }))),
    [{}],
  );
}
