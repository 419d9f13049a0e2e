import { TuttiError } from "./errors.ts";
import type { MappedKeys, MappingQuestion, PartitionMapping } from "./partition-mapping.ts";
import {
  keyText,
  type MultiPartitionsManifest,
  type OneDimension,
  type PartitionKey,
  type PartitionsManifest,
} from "./partition.ts";
import { partitionSet, productOf } from "./partition-set.ts";

type MapKeys = (question: MappingQuestion) => MappedKeys;
type MultiKey = Readonly<Record<string, string>>;

const badMapping = (message: string): TuttiError => new TuttiError("BAD_MAPPING", message);

/** Between partitions of several dimensions and those of one of them. */
export function dimensionMapping(named: string | null, question: MappingQuestion, map: MapKeys): MappedKeys {
  const { from, to, keys, now } = question;
  if ((from.kind === "multi") === (to.kind === "multi"))
    throw badMapping(`A "dimension" mapping goes between partitions of several dimensions and those of one.`);
  if (from.kind === "multi") {
    const one = to as OneDimension;
    const dimension = named ?? fittingDimension(from, one);
    const parts = [...new Set((keys as readonly MultiKey[]).map((key) => partOf(key, dimension)))];
    return map({
      ...question,
      from: dimensionOf(from, dimension),
      keys: parts,
      mapping: mappingOf(dimensionOf(from, dimension), one),
    });
  }
  const multi = to as MultiPartitionsManifest;
  const dimension = named ?? fittingDimension(multi, from);
  const own = dimensionOf(multi, dimension);
  const mapped = map({ ...question, to: own, mapping: mappingOf(from, own) });
  const names = Object.keys(multi.dimensions).sort();
  const lists = names.map((name) =>
    name === dimension ? (mapped.keys as string[]) : (partitionSet(multi.dimensions[name]!).keys(now) as string[]),
  );
  return { keys: productOf(names, lists), missing: mapped.missing };
}

/** Dimension by dimension. */
export function mapDimensions(
  table: Extract<PartitionMapping, { kind: "dimensions" }>["dimensions"],
  question: MappingQuestion,
  map: MapKeys,
): MappedKeys {
  const { direction, from, to, keys, now } = question;
  if (from.kind !== "multi" || to.kind !== "multi")
    throw badMapping(`A "dimensions" mapping goes between partitions of several dimensions.`);
  const upstream = direction === "upstream";
  const pairs = Object.entries(table).map(([up, { to: down, mapping }]) => ({ up, down, mapping }));
  const [ups, downs] = upstream ? [to, from] : [from, to];
  for (const { up, down } of pairs) {
    dimensionOf(ups, up, "upstream");
    dimensionOf(downs, down, "downstream");
  }
  const names = Object.keys(to.dimensions).sort();
  const missing = new Set<string>();
  const found = new Map<string, PartitionKey>();
  for (const key of keys as readonly MultiKey[]) {
    const lists = names.map((name) => {
      const pair = pairs.find(({ up, down }) => (upstream ? up : down) === name);
      if (pair === undefined) return partitionSet(to.dimensions[name]!).keys(now) as string[];
      const source = upstream ? pair.down : pair.up;
      const mapped = map({
        mapping: pair.mapping,
        direction,
        from: from.dimensions[source]!,
        to: to.dimensions[name]!,
        keys: [partOf(key, source)],
        now,
      });
      for (const each of mapped.missing) missing.add(each);
      return mapped.keys as string[];
    });
    for (const each of productOf(names, lists)) found.set(keyText(each), each);
  }
  return { keys: [...found.values()], missing: [...missing] };
}

/** The one that is the same, else the only one in time for one in time. */
function fittingDimension({ dimensions }: MultiPartitionsManifest, one: OneDimension): string {
  const names = Object.keys(dimensions).sort();
  const same = names.filter((name) => JSON.stringify(dimensions[name]) === JSON.stringify(one));
  const fitting =
    same.length > 0 ? same : names.filter((name) => one.kind === "time" && dimensions[name]!.kind === "time");
  if (fitting.length === 1) return fitting[0]!;
  throw badMapping(
    fitting.length === 0
      ? `None of the dimensions ${names.map((name) => `"${name}"`).join(", ")} has these partitions.`
      : `More than one dimension has these partitions: say which, of ${fitting.map((name) => `"${name}"`).join(", ")}.`,
  );
}

const mappingOf = (a: OneDimension, b: OneDimension): PartitionMapping =>
  a.kind === "time" && b.kind === "time"
    ? { kind: "time", startOffset: 0, endOffset: 0, allowMissing: false }
    : { kind: "identity" };

function dimensionOf(partitions: PartitionsManifest, name: string, side = ""): OneDimension {
  const found = partitions.kind === "multi" ? partitions.dimensions[name] : undefined;
  if (found !== undefined) return found;
  const names = partitions.kind === "multi" ? Object.keys(partitions.dimensions).join('", "') : "";
  throw badMapping(`There is no ${side === "" ? "" : `${side} `}dimension "${name}". There are: "${names}".`);
}

function partOf(key: MultiKey, dimension: string): string {
  const part = typeof key === "object" ? key[dimension] : undefined;
  if (part === undefined)
    throw new TuttiError("PARTITION_UNKNOWN", `The key ${JSON.stringify(key)} has no part "${dimension}".`);
  return part;
}
