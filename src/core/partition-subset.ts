import type { TimePartitions } from "./partition-time.ts";
import type { Span } from "./schedule-windows.ts";

/** Stretches of time in order, none touching the next. */
export type Spans = readonly Span[];

/** In order, with those that touch or overlap as one. */
export function joinSpans(spans: Spans): Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start > last.end) joined.push(span);
    else if (span.end > last.end) joined[joined.length - 1] = { start: last.start, end: span.end };
  }
  return joined;
}

export function subtractSpans(from: Spans, away: Spans): Span[] {
  const rest: Span[] = [];
  for (const { start, end } of from) {
    let at = start;
    for (const other of away) {
      if (other.end <= at || other.start >= end) continue;
      if (other.start > at) rest.push({ start: at, end: other.start });
      at = Math.max(at, other.end);
    }
    if (at < end) rest.push({ start: at, end });
  }
  return rest;
}

export const intersectSpans = (a: Spans, b: Spans): Span[] =>
  a.flatMap(({ start, end }) =>
    b
      .filter((other) => other.end > start && other.start < end)
      .map((other) => ({ start: Math.max(start, other.start), end: Math.min(end, other.end) })),
  );

/** Some of the partitions in time, as stretches: a million in a row cost as much as one. */
export class TimeSubset {
  readonly spans: Spans;
  readonly #of: TimePartitions;

  constructor(of: TimePartitions, spans: Spans = []) {
    this.#of = of;
    this.spans = joinSpans(spans);
  }

  /** @throws TuttiError `PARTITION_UNKNOWN` */
  static of(partitions: TimePartitions, keys: readonly string[]): TimeSubset {
    return new TimeSubset(
      partitions,
      keys.map((key) => partitions.windowOf(key)),
    );
  }

  /** What `ranges` gave. @throws TuttiError `PARTITION_UNKNOWN` */
  static fromRanges(
    partitions: TimePartitions,
    ranges: readonly (readonly [first: string, last: string])[],
  ): TimeSubset {
    const spans = ranges.map(([first, last]) => ({
      start: partitions.windowOf(first).start,
      end: partitions.windowOf(last).end,
    }));
    return new TimeSubset(partitions, spans);
  }

  has(key: string): boolean {
    if (!this.#of.has(key)) return false;
    const { start } = this.#of.windowOf(key);
    return this.spans.some((span) => start >= span.start && start < span.end);
  }

  /** @throws TuttiError `PARTITION_UNKNOWN` */
  with(keys: readonly string[]): TimeSubset {
    return this.or(TimeSubset.of(this.#of, keys));
  }

  or(other: TimeSubset): TimeSubset {
    return new TimeSubset(this.#of, [...this.spans, ...other.spans]);
  }

  and(other: TimeSubset): TimeSubset {
    return new TimeSubset(this.#of, intersectSpans(this.spans, other.spans));
  }

  without(other: TimeSubset): TimeSubset {
    return new TimeSubset(this.#of, subtractSpans(this.spans, other.spans));
  }

  /** In order. */
  *keys(): Generator<string> {
    for (const span of this.spans)
      for (const { start } of this.#of.windowsOver(span, Infinity)) yield this.#of.keyOf(start);
  }

  /** Of the partitions that exist, those that are not among these. */
  keysOutside(now: number): string[] {
    const inside = this.spans;
    return Array.from(this.#of.windows(now))
      .filter(({ start }) => !inside.some((span) => start >= span.start && start < span.end))
      .map(({ start }) => this.#of.keyOf(start));
  }

  get size(): number {
    let size = 0;
    for (const span of this.spans) for (const _ of this.#of.windowsOver(span, Infinity)) size++;
    return size;
  }

  /** To be stored: each stretch by its first and last key. */
  ranges(): (readonly [first: string, last: string])[] {
    return this.spans.map(
      ({ start, end }) => [this.#of.keyOf(start), this.#of.keyOf(this.#of.shift(end, -1))] as const,
    );
  }
}
