/** Cuts a stream of text into lines. What is longer than the limit is cut there too, so that no line grows for ever. */
export class LineSplitter {
  #rest = "";
  readonly #take: (line: string) => void;
  readonly #limit: number;

  constructor(take: (line: string) => void, limit = Number.POSITIVE_INFINITY) {
    this.#take = take;
    this.#limit = limit;
  }

  push(text: string): void {
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.#take(this.#rest + text.slice(from, end));
      this.#rest = "";
      from = end + 1;
    }
    this.#rest += from === 0 ? text : text.slice(from);
    if (this.#rest.length > this.#limit) this.end();
  }

  /** The last line, if it was left open. */
  end(): void {
    if (this.#rest === "") return;
    const rest = this.#rest;
    this.#rest = "";
    this.#take(rest);
  }
}
