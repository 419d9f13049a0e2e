import { KEY_SEPARATOR, type OneDimension } from "./partition.ts";
import {
  dimensionsOf,
  type KeyRange,
  type PartitionBox,
  type PartitionSelection,
  placeOf,
} from "./partition-selection.ts";
import { TimePartitions } from "./partition-time.ts";
import type { Span } from "./schedule-windows.ts";

/** One of the partitions that were selected. */
export interface SelectedPartition {
  /** As text: of several dimensions the parts in the order of their names. */
  readonly key: string;
  /** The stretch of time that it stands for: of several dimensions in time, that of the first by name. `null`: none is. */
  readonly span: Span | null;
  /** IANA name of the zone that it is cut in. */
  readonly timezone: string;
}

interface Part {
  readonly key: string;
  readonly span: Span | null;
  /** What keys of its dimension are ordered by. */
  readonly place: number;
}

/**
 * Each once, as they were asked for: what is oldest comes first within a part of the question, and keys of a list go in its order. `newest`: exactly
 * the other way round. They are made one by one.
 */
export function* selectedPartitions(
  { partitions, boxes }: PartitionSelection,
  order: "oldest" | "newest",
): Generator<SelectedPartition> {
  const dimensions = dimensionsOf(partitions).map(([, dimension]) => dimension);
  const reach = boxes.map((box) => reachOf(dimensions, box));
  const timed = dimensions.findIndex(({ kind }) => kind === "time");
  const timezone = (timed < 0 ? null : (dimensions[timed] as OneDimension & { kind: "time" }))?.timezone ?? "UTC";
  const places = boxes.map((_, place) => place);
  for (const place of order === "newest" ? places.toReversed() : places)
    for (const parts of partsOf(dimensions, boxes[place]!, order)) {
      if (reach.slice(0, place).some((before) => before.every(([from, to], at) => inside(parts[at]!, from, to))))
        continue;
      const key = parts.map((part) => part.key).join(KEY_SEPARATOR);
      yield { key, span: timed < 0 ? null : parts[timed]!.span, timezone };
    }
}

const reachOf = (dimensions: readonly OneDimension[], box: PartitionBox) =>
  box.map(({ first, last }, at) => [placeOf(dimensions[at]!, first), placeOf(dimensions[at]!, last)] as const);

const inside = ({ place }: Part, from: number, to: number): boolean => place >= from && place <= to;

/** Time outermost, so that what is oldest comes first; the last of the others by name fastest. */
function* partsOf(
  dimensions: readonly OneDimension[],
  box: PartitionBox,
  order: "oldest" | "newest",
): Generator<Part[]> {
  const at = dimensions.map((_, place) => place);
  const nested = [
    ...at.filter((place) => dimensions[place]!.kind === "time"),
    ...at.filter((place) => dimensions[place]!.kind === "static"),
  ];
  const parts: Part[] = [];
  yield* (function* fill(depth: number): Generator<Part[]> {
    const place = nested[depth];
    if (place === undefined) return yield [...parts];
    for (const part of keysOf(dimensions[place]!, box[place]!, order)) {
      parts[place] = part;
      yield* fill(depth + 1);
    }
  })(0);
}

function* keysOf(dimension: OneDimension, { first, last }: KeyRange, order: "oldest" | "newest"): Generator<Part> {
  if (dimension.kind === "static") {
    const [from, to] = [dimension.keys.indexOf(first), dimension.keys.indexOf(last)];
    const part = (place: number): Part => ({ key: dimension.keys[place]!, span: null, place });
    if (order === "newest") for (let place = to; place >= from; place--) yield part(place);
    else for (let place = from; place <= to; place++) yield part(place);
    return;
  }
  const time = new TimePartitions(dimension);
  const part = (span: Span): Part => ({ key: time.keyOf(span.start), span, place: span.start });
  const [from, to] = [time.windowOf(first), time.windowOf(last)];
  if (order === "oldest") {
    for (const span of time.windowsOver({ start: from.start, end: to.end }, Infinity)) yield part(span);
    return;
  }
  let span: Span | null = to;
  while (span !== null && span.start >= from.start) {
    yield part(span);
    const before = time.neighbour(time.keyOf(span.start), -1);
    span = before === null ? null : time.windowOf(before);
  }
}
