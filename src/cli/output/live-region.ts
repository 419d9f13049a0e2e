import { cut } from "./table.ts";

/** Of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/** The last lines of a terminal, drawn over and over while other lines scroll by above. On anything else it draws nothing. */
export class LiveRegion {
  readonly #stream: NodeJS.WriteStream;
  #drawn = 0;
  #lines: readonly string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isShown(): boolean {
    return this.#stream.isTTY;
  }

  set(lines: readonly string[]): void {
    if (!this.isShown) return;
    this.#lines = lines;
    this.#write("");
  }

  /** A line that stays. */
  print(line: string): void {
    if (this.isShown) this.#write(`${line}\n`);
    else this.#stream.write(`${line}\n`);
  }

  clear(): void {
    this.set([]);
  }

  #write(above: string): void {
    const up = this.#drawn === 0 ? "" : `\u001B[${this.#drawn}A`;
    const lines = this.#lines.map((line) => `${cut(line, (this.#stream.columns || DEFAULT_COLUMNS) - 1)}\n`).join("");
    this.#stream.write(`${up}\r\u001B[J${above}${lines}`);
    this.#drawn = this.#lines.length;
  }
}
