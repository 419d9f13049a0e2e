import type { LogLine } from "../../runtime/protocol.ts";
import { parseLine } from "./log-entry.ts";
import type { LogSource, WantsTask } from "./log-source.ts";
import { type Stretch, wantedStretches } from "./wanted-stretches.ts";

const NEWLINE = 10;
/** No less is read at once, however little of it is wanted. */
const LEAST_BYTES = 64 * 1024;

/** Goes through the wanted lines of one source, with a part of it in memory. */
export class LineReader {
  readonly name: string;
  /** Bytes that were read. */
  scanned = 0;
  readonly #source: LogSource;
  readonly #partBytes: number;
  /** `null`: all lines are wanted, and of them also those that are none. */
  readonly #wants: WantsTask | null;
  readonly #stretches: AsyncGenerator<Stretch> | null;
  #stretch: Stretch | null = null;
  /** Whole lines that stand at `#base`; the next one from `#at` to `#newline`, which is -1 behind the last. */
  #part: Buffer = Buffer.alloc(0);
  #base: number;
  #at = 0;
  #newline = -1;
  #time: number | null = null;

  /** `from`: where a line begins. `partBytes`: how much is in memory, unless a single line is longer. */
  constructor(source: LogSource, from: number, partBytes: number, wants: WantsTask | null) {
    this.name = source.name;
    this.#source = source;
    this.#partBytes = partBytes;
    this.#base = from;
    this.#wants = wants;
    this.#stretches = wants === null ? null : wantedStretches(source, wants);
  }

  /** Where it goes on. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** The next line, without its end; `null`: there may be one behind what was read last. */
  get head(): Buffer | null {
    return this.#newline === -1 ? null : this.#part.subarray(this.#at, this.#newline);
  }

  /** When the next line was written. What is no line goes before all others. */
  get time(): number {
    return (this.#time ??= this.#newline === -1 ? Infinity : (this.#facts()?.at ?? -Infinity));
  }

  /** Steps over the next line. */
  take(): void {
    this.#at = this.#newline + 1;
    this.#settle();
  }

  /** Steps over as many as are in memory. */
  skip(count: number): number {
    let skipped = 0;
    for (; skipped < count && this.#newline !== -1; skipped++) this.take();
    return skipped;
  }

  /** Reads on where no line is left; there may be none that is wanted in what it has read. `false`: it has ended, as far as it is written. */
  async fill(): Promise<boolean> {
    const stretch = await this.#next();
    if (stretch === null) return false;
    const from = Math.max(this.offset, stretch.from);
    const wanted = Math.min(this.#partBytes, Math.max(LEAST_BYTES, stretch.to - from));
    for (let length = wanted; ; length *= 4) {
      const bytes = await this.#source.read(from, length);
      this.scanned += bytes.length;
      const whole = bytes.lastIndexOf(NEWLINE) + 1;
      if (whole > 0) {
        this.#part = bytes.subarray(0, whole);
        this.#base = from;
        this.#at = 0;
        this.#settle();
        return true;
      }
      // Half a line, which somebody writes just now.
      if (bytes.length < length) return false;
    }
  }

  async close(): Promise<void> {
    await this.#stretches?.return(undefined);
  }

  /** Finds the end of the next line that is wanted. */
  #settle(): void {
    this.#time = null;
    for (;;) {
      this.#newline = this.#part.indexOf(NEWLINE, this.#at);
      if (this.#newline === -1 || this.#wants === null) return;
      const facts = this.#facts();
      if (facts !== null && this.#wants(facts.taskRunId, facts.claim)) return;
      this.#at = this.#newline + 1;
    }
  }

  #facts() {
    return factsOf(this.#part.subarray(this.#at, this.#newline));
  }

  async #next(): Promise<Stretch | null> {
    if (this.#stretches === null) return { from: 0, to: Infinity };
    while (this.#stretch === null || this.#stretch.to <= this.offset) {
      const next = await this.#stretches.next();
      if (next.done === true) return null;
      this.#stretch = next.value;
    }
    return this.#stretch;
  }
}

/** How `formatLine` begins one. */
const BEGINNING = /^\{"task":(\d+),"claim":(\d+),"at":(-?\d+)[,}]/;
const LONGEST_BEGINNING = 100;

/** Whose a line is and when it was written, without reading all of it. `null`: it is none. */
function factsOf(line: Buffer): Pick<LogLine, "taskRunId" | "claim" | "at"> | null {
  const found = BEGINNING.exec(line.toString("latin1", 0, LONGEST_BEGINNING));
  return found === null
    ? parseLine(line.toString("utf8"), "")
    : { taskRunId: Number(found[1]), claim: Number(found[2]), at: Number(found[3]) };
}
