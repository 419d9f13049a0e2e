import type { Client } from "pg";
import type { Call } from "../sql/driver.ts";
import { quote } from "../sql/identifier.ts";
import { isCutOff, statementFailed } from "./postgres-error.ts";
import { cutOff } from "./session.ts";

type Sound =
  | { readonly kind: "notification"; readonly payload: string }
  | { readonly kind: "overflowed" }
  | { readonly kind: "broken" };

/** What has come and nobody has taken. With the largest payloads it is 80 MB. */
const KEPT = 10_000;
/** A connection that died without a word, behind a firewall say, is found out by asking. */
const ASK_EVERY_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;

/** One connection that listens, until it breaks. It is this one's to end. */
export class Ear {
  readonly #client: Client;
  readonly #channel: string;
  readonly #call: Call;
  #heard: Sound[] = [];
  #broken = false;
  #wake: () => void = () => {};
  #asking: NodeJS.Timeout | null = null;

  constructor(client: Client, channel: string, call: Call) {
    this.#client = client;
    this.#channel = channel;
    this.#call = call;
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    client.on("error", () => this.#break());
    client.on("end", () => this.#break());
    call.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** False: the connection broke. */
  async open(): Promise<boolean> {
    const text = `listen ${quote(this.#channel)}`;
    try {
      await this.#client.query(text);
    } catch (error) {
      this.#call.signal?.throwIfAborted();
      if (!isCutOff(error)) throw statementFailed(this.#call.connection, text, [], error);
      this.#break();
    }
    this.#asking = setInterval(() => void this.#ask(), ASK_EVERY_MS);
    return !this.#broken;
  }

  /** The next of what came, once there is something. @throws the signal's reason. */
  async next(): Promise<Sound> {
    for (;;) {
      this.#call.signal?.throwIfAborted();
      const first = this.#heard.shift();
      if (first !== undefined) return first;
      if (this.#broken) return { kind: "broken" };
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  close(): void {
    if (this.#asking !== null) clearInterval(this.#asking);
    this.#call.signal?.removeEventListener("abort", this.#onAbort);
    if (this.#broken) cutOff(this.#client);
    else void this.#client.end().catch(() => {});
  }

  readonly #onAbort = (): void => this.#wake();

  #hear(payload: string): void {
    // The newest would have to wait as well: all are given up for one word that says so.
    if (this.#heard.length === KEPT) this.#heard = [{ kind: "overflowed" }];
    else this.#heard.push({ kind: "notification", payload });
    this.#wake();
  }

  #break(): void {
    this.#broken = true;
    this.#wake();
  }

  async #ask(): Promise<void> {
    const late = setTimeout(() => this.#break(), ANSWER_WITHIN_MS);
    await this.#client.query("select 1").catch(() => this.#break());
    clearTimeout(late);
  }
}
