import { StringDecoder } from "node:string_decoder";
import { readableLine } from "./readable-line.ts";

/**
 * Bytes of an output stream as lines, however long and whatever is in them: what is no UTF-8 becomes U+FFFD, colours are taken out and other
 * control characters written as `\x07`; of a line that rewrites itself with carriage returns (a progress bar) the last state is kept, and of a
 * line longer than the limit its beginning.
 */
export class OutputLines {
  readonly #decoder = new StringDecoder("utf8");
  readonly #limit: number;
  readonly #take: (line: string) => void;
  readonly #clean: (line: string) => string;
  #line = "";
  #cut = 0;
  /** Carriage returns came last: the next character begins the line anew, unless it ends it. */
  #returned = false;

  /** `limit`: characters. `clean`: for lines that are data, what leaves them as they are. */
  constructor(limit: number, take: (line: string) => void, clean: (line: string) => string = readableLine) {
    this.#limit = limit;
    this.#take = take;
    this.#clean = clean;
  }

  push(bytes: Uint8Array): void {
    this.#add(this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  }

  /** The last line, if it was left open. */
  end(): void {
    this.#add(this.#decoder.end());
    if (this.#line !== "" || this.#cut > 0) this.#finish();
  }

  #add(text: string): void {
    let from = 0;
    while (from < text.length) {
      const end = text.indexOf("\n", from);
      this.#extend(end === -1 ? text.slice(from) : text.slice(from, end));
      if (end === -1) return;
      this.#finish();
      from = end + 1;
    }
  }

  #extend(text: string): void {
    let end = text.length;
    while (end > 0 && text[end - 1] === "\r") end--;
    if (end > 0) {
      const last = text.lastIndexOf("\r", end - 1);
      if (last !== -1 || this.#returned) this.#restart();
      this.#write(text.slice(last + 1, end));
    }
    this.#returned = end < text.length || (this.#returned && end === 0);
  }

  #write(shown: string): void {
    const room = this.#limit - this.#line.length;
    this.#line += shown.slice(0, room);
    this.#cut += Math.max(0, shown.length - room);
  }

  #finish(): void {
    const line = this.#clean(this.#line);
    const whole = this.#cut === 0 ? line : `${line} … [${this.#cut} more characters cut]`;
    this.#restart();
    this.#returned = false;
    this.#take(whole);
  }

  #restart(): void {
    this.#line = "";
    this.#cut = 0;
  }
}
