import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import { TuttiError } from "../../core/errors.ts";
import type { WakeUps } from "../wake-ups.ts";
import { pgModule } from "./pg-module.ts";
import { clientOptions, PostgresConnection } from "./postgres-connection.ts";
import { CHANNEL, listen, notify } from "./wake-up.sql.ts";

/** The net: everybody is called this often, whatever arrives. */
const POLL_MS = 1_000;
/** The same when nothing arrives at all, because a pooler drops `LISTEN`. */
const POLL_WITHOUT_LISTEN_MS = 200;
/** How long the first notification to ourselves may take. */
const PROBE_MS = 2_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** PostgreSQL takes 8,000 bytes at once. */
const MAX_PAYLOAD = 7_000;
/** Between a channel and its word. Who knows of no words takes both for a channel that nobody listens to. */
const BREAK = "\n";

export interface WakeUpsOptions {
  readonly url: string;
  /** Where to listen: past a transaction-mode pooler, which would drop it. Default: `url`. */
  readonly listenUrl?: string;
  /** Told once when notifications do not come through and polling does their work. Default: a line on stderr. */
  readonly onTrouble?: (error: TuttiError) => void;
  /** Default: 1 second. */
  readonly pollMs?: number;
}

/**
 * `NOTIFY` and `LISTEN` on connections of their own, so that a wake-up is never part of a commit and never waits for one. A
 * notification to itself shows whether any come through; if not, everybody is called five times a second.
 */
export class PostgresWakeUps implements WakeUps {
  readonly #options: WakeUpsOptions;
  readonly #sender: PostgresConnection;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #all = new Set<(channel: string, word: string | null) => void>();
  readonly #pending = new Set<string>();
  /** By channel. */
  readonly #words = new Map<string, string>();
  #sending: Promise<void> | null = null;
  #client: Client | null = null;
  #poll: NodeJS.Timeout;
  #again: NodeJS.Timeout | null = null;
  #waitMs = FIRST_WAIT_MS;
  #probe: { readonly text: string; readonly timer: NodeJS.Timeout } | null = null;
  #told = false;
  #closed = false;

  private constructor(options: WakeUpsOptions, sender: PostgresConnection) {
    this.#options = options;
    this.#sender = sender;
    this.#poll = this.#pollEvery(options.pollMs ?? POLL_MS);
  }

  /** Begins to listen. A server that is away now is found later. */
  static async open(options: WakeUpsOptions): Promise<PostgresWakeUps> {
    const sender = await PostgresConnection.open({ url: options.url, patienceMs: LONGEST_WAIT_MS });
    const wakeUps = new PostgresWakeUps(options, sender);
    await wakeUps.#connect();
    return wakeUps;
  }

  notify(channel: string, word?: string): void {
    if (this.#closed) return;
    if (word === undefined) this.#pending.add(channel);
    else this.#words.set(channel, word);
    this.#sending ??= this.#send();
  }

  listen(channel: string, call: () => void): () => void {
    const calls = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, calls.add(call));
    return () => void calls.delete(call);
  }

  listenAll(call: (channel: string, word: string | null) => void): () => void {
    this.#all.add(call);
    return () => void this.#all.delete(call);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    if (this.#again !== null) clearTimeout(this.#again);
    if (this.#probe !== null) clearTimeout(this.#probe.timer);
    await this.#sending;
    await Promise.all([this.#client?.end().catch(() => {}), this.#sender.close()]);
  }

  /** What is asked for while one is on its way goes together with the next. */
  async #send(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#pending.size + this.#words.size > 0) {
      const channels = [...this.#pending];
      this.#pending.clear();
      const words = this.#someWords();
      // Lost, it is a hint less: the net catches what it was about.
      for (const payload of payloadsOf([...channels, ...words]))
        await this.#sender.run(notify({ payload })).catch(() => {});
    }
    this.#sending = null;
  }

  /** As many as go at once: no hint waits for more. */
  #someWords(): readonly string[] {
    const taken: string[] = [];
    let bytes = 0;
    for (const [channel, word] of this.#words) {
      const text = `${channel}${BREAK}${word}`;
      const size = bytesOf(text);
      if (size <= MAX_PAYLOAD) {
        if (bytes + size > MAX_PAYLOAD) break;
        bytes += size;
        taken.push(text);
      }
      this.#words.delete(channel);
    }
    return taken;
  }

  async #connect(): Promise<void> {
    const { url, listenUrl = url } = this.#options;
    const pg = await pgModule();
    const client = new pg.Client(clientOptions(pg, listenUrl));
    client.on("notification", ({ channel, payload = "" }) => channel === CHANNEL && this.#received(payload));
    client.on("error", () => {});
    client.on("end", () => this.#lost(client));
    try {
      await client.connect();
      await client.query(listen());
    } catch {
      void client.end().catch(() => {});
      return this.#retry();
    }
    if (this.#closed) return void (await client.end());
    this.#client = client;
    this.#waitMs = FIRST_WAIT_MS;
    this.#test();
    // Whatever came while nobody listened.
    this.#callAll();
  }

  #lost(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#again = setTimeout(() => void this.#connect(), this.#waitMs);
    this.#again.unref();
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  #test(): void {
    if (this.#probe !== null) clearTimeout(this.#probe.timer);
    const text = `probe ${randomUUID()}`;
    this.#probe = { text, timer: setTimeout(() => this.#deaf(), PROBE_MS) };
    this.#probe.timer.unref();
    this.notify(text);
  }

  #received(payload: string): void {
    for (const text of JSON.parse(payload) as string[]) {
      const end = text.indexOf(BREAK);
      const channel = end === -1 ? text : text.slice(0, end);
      if (channel === this.#probe?.text) this.#heard();
      for (const call of this.#listeners.get(channel) ?? []) call();
      for (const call of this.#all) call(channel, end === -1 ? null : text.slice(end + BREAK.length));
    }
  }

  #heard(): void {
    clearTimeout(this.#probe?.timer);
    this.#probe = null;
    clearInterval(this.#poll);
    this.#poll = this.#pollEvery(this.#options.pollMs ?? POLL_MS);
  }

  #deaf(): void {
    clearInterval(this.#poll);
    this.#poll = this.#pollEvery(Math.min(POLL_WITHOUT_LISTEN_MS, this.#options.pollMs ?? POLL_MS));
    // A server that is away is no pooler: the next connection tests again.
    if (this.#told || this.#client === null) return;
    this.#told = true;
    const { onTrouble = (error) => void process.stderr.write(`${error.message}\n`) } = this.#options;
    onTrouble(
      new TuttiError(
        "WAKE_UPS_POLLED",
        `Store "${this.#sender.name}" does not pass notifications on, as a pooler in transaction mode does. Tutti looks for work every ${POLL_WITHOUT_LISTEN_MS} ms instead. Give it a direct connection to listen on.`,
      ),
    );
  }

  #pollEvery(ms: number): NodeJS.Timeout {
    return setInterval(() => this.#callAll(), ms).unref();
  }

  #callAll(): void {
    for (const calls of this.#listeners.values()) for (const call of calls) call();
  }
}

function payloadsOf(texts: readonly string[]): string[] {
  const payloads: string[] = [];
  let held: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    bytes += bytesOf(text);
    if (bytes > MAX_PAYLOAD && held.length > 0) {
      payloads.push(JSON.stringify(held));
      held = [];
      bytes = bytesOf(text);
    }
    held.push(text);
  }
  return [...payloads, JSON.stringify(held)];
}

/** In the JSON of a list. */
const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) + 1;
