import type { MappedKeys, TimeMapping } from "./partition-mapping.ts";
import type { TimePartitionsManifest } from "./partition.ts";
import { joinSpans } from "./partition-subset.ts";
import { TimePartitions } from "./partition-time.ts";
import type { Span } from "./schedule-windows.ts";

/**
 * Between partitions in time. Upstream of a window is all that overlaps it once its edges are moved by the offsets; downstream of one is
 * all whose upstream it is.
 */
export function mapTime(
  { startOffset, endOffset, allowMissing }: TimeMapping,
  direction: "upstream" | "downstream",
  fromManifest: TimePartitionsManifest,
  toManifest: TimePartitionsManifest,
  keys: readonly string[],
  now: number,
): MappedKeys {
  const [from, to] = [new TimePartitions(fromManifest), new TimePartitions(toManifest)];
  const [startBy, endBy] = direction === "upstream" ? [startOffset, endOffset] : [-endOffset, -startOffset];
  const wanted = keys
    .map((key) => from.windowOf(key))
    .map(({ start, end }): Span => ({ start: from.shift(start, startBy), end: from.shift(end, endBy) }))
    .filter(({ start, end }) => start < end);
  // Without edges of its own: what does not exist is to be named.
  const unbounded = new TimePartitions({ ...toManifest, start: "0001-01-01T00:00Z", end: null, endOffset: 0 });
  const spans = joinSpans(wanted).flatMap((span) => Array.from(unbounded.windowsOver(span, Infinity)));
  const unique = [...new Map(spans.map((span) => [span.start, span])).values()];
  const missing = direction === "upstream" && !allowMissing ? unique.filter((span) => !to.exists(span, now)) : [];
  return {
    keys: unique.filter((span) => to.exists(span, now)).map(({ start }) => to.keyOf(start)),
    missing: missing.map(({ start }) => to.keyOf(start)),
  };
}
