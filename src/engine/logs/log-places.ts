import type { LogSource } from "./log-source.ts";
import { MergedLines, type Offsets } from "./merged-lines.ts";

/** Between two places that are known: a jump steps over no more lines than that. */
const STEP = 1_000;

/** Where every thousandth line of a log stands: of a million lines a thousand places. */
export class LogPlaces {
  readonly #names: string;
  /** Where line 0, `STEP`, 2 × `STEP` … begins, in each source. */
  readonly #marks: Offsets[] = [new Map()];
  #lines = 0;
  /** Behind the last line that was counted. */
  #end: Offsets = new Map();
  #counting: Promise<void> = Promise.resolve();

  constructor(sources: readonly LogSource[]) {
    this.#names = namesOf(sources);
  }

  /** They are the same files, which have only grown. Another writer's lines may stand anywhere between. */
  isOf(sources: readonly LogSource[]): boolean {
    return namesOf(sources) === this.#names && sources.every(({ name, size }) => size >= (this.#end.get(name) ?? 0));
  }

  /** Where a line is to be looked for, and how many come before it from there. */
  async find(
    sources: readonly LogSource[],
    line: number,
  ): Promise<{ readonly offsets: Offsets; readonly left: number }> {
    await this.#countUpTo(sources, line);
    if (this.#lines < line) return { offsets: this.#end, left: line - this.#lines };
    const mark = Math.floor(line / STEP);
    return { offsets: this.#marks[mark]!, left: line - mark * STEP };
  }

  /** Behind the last line, and how many there are. */
  async end(sources: readonly LogSource[]): Promise<{ readonly offsets: Offsets; readonly lines: number }> {
    await this.#countUpTo(sources, Infinity);
    return { offsets: this.#end, lines: this.#lines };
  }

  /** One after another: each goes on where the one before has ended. */
  async #countUpTo(sources: readonly LogSource[], line: number): Promise<void> {
    const before = this.#counting;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#counting = promise;
    await before;
    try {
      if (this.#lines < line) await this.#count(sources, line);
    } finally {
      resolve();
    }
  }

  async #count(sources: readonly LogSource[], line: number): Promise<void> {
    const begin = this.#end;
    const merged = new MergedLines(sources, { from: (name) => begin.get(name) ?? 0 });
    while (this.#lines < line) {
      const wanted = Math.min(STEP - (this.#lines % STEP), line - this.#lines);
      const found = await merged.skip(wanted);
      if (found === 0) return;
      this.#lines += found;
      this.#end = merged.offsets;
      if (this.#lines % STEP === 0) this.#marks.push(this.#end);
    }
  }
}

const namesOf = (sources: readonly LogSource[]): string => sources.map(({ name }) => name).join("\n");
