import { LineReader } from "./line-reader.ts";
import type { LogSource, WantsTask } from "./log-source.ts";

/** In memory of all sources together, and of one. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_PART_BYTES = 1024 * 1024;
const LEAST_PART_BYTES = 64 * 1024;

/** How far each source has been read, by its name. */
export type Offsets = ReadonlyMap<string, number>;

interface MergeOptions {
  /** Where each begins, by its name. Default: at its beginning. */
  readonly from?: (name: string) => number;
  /** Whose lines are looked for. Default: everybody's. */
  readonly wants?: WantsTask | null;
  /** It stops when it would read more. Default: never. */
  readonly maxBytes?: number;
}

/**
 * The lines of all who wrote about a run as one log, by time: of the lines that come next, the oldest. Each writer's stay as they stand. So it
 * goes on anywhere with how far each has been read, and what is written later is behind.
 */
export class MergedLines {
  /** It would have had to read more than it may. */
  stopped = false;
  readonly #readers: readonly LineReader[];
  readonly #open: Set<LineReader>;
  readonly #maxBytes: number;
  /** Whose turn it is, and until which time. */
  #turn: LineReader | null = null;
  #until = Infinity;

  constructor(sources: readonly LogSource[], { from = () => 0, wants = null, maxBytes = Infinity }: MergeOptions = {}) {
    const share = Math.floor(MOST_BYTES / Math.max(1, sources.length));
    const partBytes = Math.max(LEAST_PART_BYTES, Math.min(MOST_PART_BYTES, share));
    this.#readers = sources.map((source) => new LineReader(source, from(source.name), partBytes, wants));
    this.#open = new Set(this.#readers);
    this.#maxBytes = maxBytes;
  }

  /** Where it goes on. */
  get offsets(): Offsets {
    return new Map(this.#readers.map(({ name, offset }) => [name, offset]));
  }

  /** `null`: all that is written, or it has `stopped`. */
  async next(): Promise<Buffer | null> {
    const reader = await this.#first();
    const line = reader?.head ?? null;
    reader?.take();
    return line;
  }

  /** Whether there is a next one. */
  async goesOn(): Promise<boolean> {
    return (await this.#first()) !== null || this.stopped;
  }

  /** Steps over lines. Answers over how many: fewer where it has ended, or `stopped`. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      const reader = await this.#first();
      if (reader === null) break;
      if (this.#until === Infinity) skipped += reader.skip(count - skipped);
      else
        do {
          reader.take();
          skipped += 1;
        } while (skipped < count && this.#goesOnWith(reader));
    }
    return skipped;
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  /** Whose line comes next. */
  async #first(): Promise<LineReader | null> {
    if (this.#turn !== null && this.#goesOnWith(this.#turn)) return this.#turn;
    this.#turn = null;
    for (const reader of this.#open)
      while (this.#open.has(reader) && reader.head === null) {
        if (reader.scanned > 0 && this.#scanned >= this.#maxBytes) {
          this.stopped = true;
          return null;
        }
        if (!(await reader.fill())) this.#open.delete(reader);
      }
    return this.#choose();
  }

  #goesOnWith(reader: LineReader): boolean {
    return reader.head !== null && (this.#until === Infinity || reader.time < this.#until);
  }

  /** Of lines of one moment, the writer's whose name comes first. */
  #choose(): LineReader | null {
    this.#until = Infinity;
    for (const reader of this.#open) {
      // Alone, nobody asks when its lines were written.
      if (this.#turn === null) this.#turn = reader;
      else if (reader.time < this.#turn.time) {
        this.#until = Math.min(this.#until, this.#turn.time);
        this.#turn = reader;
      } else this.#until = Math.min(this.#until, reader.time);
    }
    return this.#turn;
  }

  get #scanned(): number {
    return this.#readers.reduce((sum, { scanned }) => sum + scanned, 0);
  }
}
