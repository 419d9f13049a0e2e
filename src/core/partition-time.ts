import { CronRule } from "./cron.ts";
import { TuttiError } from "./errors.ts";
import { KeyFormat, offsetText } from "./partition-format.ts";
import { edgeMs, type TimePartitionsManifest } from "./partition.ts";
import type { Span } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";

/**
 * Partitions in time. One exists once it has ended, `endOffset` later or earlier. Moments are epoch milliseconds; `now` may be
 * Infinity: all that ever will be.
 */
export class TimePartitions {
  readonly startMs: number;
  readonly #endMs: number;
  readonly #endOffset: number;
  readonly #rule: CronRule;
  readonly #zone: TimeZone;
  readonly #format: KeyFormat;
  readonly #written: string;

  /** @throws TuttiError as `checkPartitions` */
  constructor({ expression, timezone, start, end, format, endOffset }: TimePartitionsManifest) {
    this.#zone = TimeZone.of(timezone);
    this.#rule = new CronRule(expression, timezone);
    this.#format = new KeyFormat(format);
    this.#written = format;
    this.startMs = edgeMs(start, this.#format, this.#zone);
    this.#endMs = end === null ? Infinity : edgeMs(end, this.#format, this.#zone);
    this.#endOffset = endOffset;
  }

  /** The key of the partition that begins at an edge. The second of two equal wall times has its offset at the end. */
  keyOf(start: number): string {
    const [local, offset] = [this.#zone.localOf(start), this.#zone.offsetAt(start)];
    const key = this.#format.write(local, offset);
    const [first, second] = this.#zone.instantsOf(local);
    const twice = second === start && this.#rule.last(first!) === first;
    return twice && !this.#format.namesOffset ? key + offsetText(offset) : key;
  }

  /** The window of a key, also of one that lies between two edges: the next that begins. @throws TuttiError `PARTITION_UNKNOWN` */
  windowOf(key: string): Span {
    const said = this.#format.read(key);
    if (said === null) throw this.#unknown(key, `It is written ${this.#written}.`);
    const { local, offsetMs } = said;
    const start = this.#rule.next((offsetMs === null ? this.#zone.firstInstantOf(local) : local - offsetMs) - 1);
    const end = start === null ? null : this.#rule.next(start);
    if (start === null || end === null) throw this.#unknown(key, "There is none so late.");
    return { start, end };
  }

  /** Whether there is a partition with exactly this key. */
  has(key: string, now = Infinity): boolean {
    if (this.#format.read(key) === null) return false;
    const span = this.windowOf(key);
    return this.keyOf(span.start) === key && this.exists(span, now);
  }

  exists({ start, end }: Span, now: number): boolean {
    return start >= this.startMs && end <= this.#lastEnd(now);
  }

  first(now: number): Span | null {
    const span = this.#from(this.startMs);
    return span !== null && this.exists(span, now) ? span : null;
  }

  last(now: number): Span | null {
    const until = this.#lastEnd(now);
    const end = until === Infinity ? null : this.#rule.last(until);
    const start = end === null ? null : this.#rule.last(end - 1);
    return start === null || end === null || start < this.startMs ? null : { start, end };
  }

  /** The key after or before one, as far as the edges go; `null`: there is none. */
  neighbour(key: string, step: 1 | -1): string | null {
    const span = this.windowOf(key);
    const start = step === 1 ? span.end : this.#rule.last(span.start - 1);
    if (start === null || start < this.startMs) return null;
    return this.#rule.next(start)! <= this.#endMs ? this.keyOf(start) : null;
  }

  /** In order. */
  *windows(now: number): Generator<Span> {
    if (this.#lastEnd(now) === Infinity)
      throw new RangeError("Partitions without an end can't be listed for all of time.");
    yield* this.windowsOver({ start: this.startMs, end: Infinity }, now);
  }

  /** Those of the existing ones that overlap a stretch of time, in order. */
  *windowsOver({ start, end }: Span, now: number): Generator<Span> {
    for (
      let span = this.#from(Math.max(this.startMs, this.#rule.last(start) ?? start));
      span !== null;
      span = this.#from(span.end)
    ) {
      if (span.start >= end || !this.exists(span, now)) return;
      if (span.end > start) yield span;
    }
  }

  keys(now: number): string[] {
    return Array.from(this.windows(now), ({ start }) => this.keyOf(start));
  }

  /** From one key to another, both included. @throws TuttiError `PARTITION_UNKNOWN`, `PARTITION_OUT_OF_RANGE` */
  keysBetween(from: string, to: string, now = Infinity): string[] {
    const [first, last] = [this.windowOf(from), this.windowOf(to)];
    if (first.start < this.startMs) throw outOfRange(from, "before the first", this.#from(this.startMs), this);
    if (last.end > this.#lastEnd(now)) throw outOfRange(to, "after the last", this.last(now), this);
    if (first.start > last.start) throw outOfRange(from, "after", last, this);
    return Array.from(this.windowsOver({ start: first.start, end: last.end }, now), ({ start }) => this.keyOf(start));
  }

  /** An edge so many partitions later, or earlier. */
  shift(edge: number, steps: number): number {
    let ms = edge;
    for (let step = 0; step < steps; step++) ms = this.#rule.next(ms) ?? Infinity;
    for (let step = 0; step > steps; step--) ms = this.#rule.last(ms - 1) ?? -Infinity;
    return ms;
  }

  #from(ms: number): Span | null {
    const start = this.#rule.next(ms - 1);
    const end = start === null ? null : this.#rule.next(start);
    return start === null || end === null ? null : { start, end };
  }

  #lastEnd(now: number): number {
    if (now === Infinity)
      return this.#endOffset < 0 && this.#endMs !== Infinity ? this.#before(this.#endMs) : this.#endMs;
    if (this.#endOffset < 0) return this.#before(Math.min(now, this.#endMs));
    return Math.min(this.shift(this.#rule.last(now) ?? now, this.#endOffset), this.#endMs);
  }

  #before(ms: number): number {
    return this.shift(this.#rule.last(ms) ?? ms, this.#endOffset);
  }

  #unknown(key: string, why: string): TuttiError {
    return new TuttiError("PARTITION_UNKNOWN", `There is no partition ${JSON.stringify(key)}. ${why}`);
  }
}

function outOfRange(key: string, where: string, other: Span | null, partitions: TimePartitions): TuttiError {
  const named = other === null ? "and there is none yet" : `"${partitions.keyOf(other.start)}"`;
  return new TuttiError("PARTITION_OUT_OF_RANGE", `The partition ${JSON.stringify(key)} is ${where}, ${named}.`);
}
