import { setTimeout as sleep } from "node:timers/promises";

export interface ExportQueueOptions {
  /** For messages: what goes where. */
  readonly what: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body of one request. */
  readonly encode: (items: readonly unknown[]) => string;
  /** Items in one request. Default: 512. */
  readonly batch?: number;
  readonly notice: (text: string) => void;
  /** From one request to the next, while there is something. Default: 2,000. */
  readonly everyMs?: number;
}

/** More wait while the receiver is away; what comes then is dropped, and counted. */
const MOST_WAITING = 20_000;
const REQUEST_MS = 10_000;
const TRIES = 4;
const FIRST_WAIT_MS = 500;
/** These may pass. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Sends what is observed to a receiver, in batches, beside the work: it is never waited for, and its failures stop nothing. */
export class ExportQueue<Item> {
  readonly #options: Required<ExportQueueOptions>;
  #items: Item[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #dropped = 0;
  #failing = false;
  #closing = false;

  constructor(options: ExportQueueOptions) {
    this.#options = { batch: 512, everyMs: 2_000, ...options };
  }

  add(item: Item): void {
    if (this.#items.length >= MOST_WAITING) return void (this.#dropped += 1);
    this.#items.push(item);
    if (this.#items.length >= this.#options.batch) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), this.#options.everyMs).unref();
  }

  /** Sends what there is, for up to `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.#closing = true;
    this.#send();
    await Promise.race([this.#sending, sleep(limitMs, undefined, { ref: false })]);
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = null));
  }

  async #sendAll(): Promise<void> {
    const { batch, what, notice } = this.#options;
    while (this.#items.length > 0) {
      const items = this.#items.splice(0, batch);
      const problem = await this.#sent(items);
      if (problem === null) this.#failing = false;
      else {
        this.#dropped += items.length;
        // Said once, until it works again.
        if (!this.#failing)
          notice(`${what} could not be sent: ${problem}. ${this.#dropped} dropped so far; the work goes on.`);
        this.#failing = true;
      }
    }
  }

  /** `null`: it was taken. */
  async #sent(items: readonly Item[]): Promise<string | null> {
    const body = this.#options.encode(items);
    for (let tries = 1; ; tries += 1) {
      const { problem, passes } = await this.#post(body);
      if (problem === null || !passes || tries >= TRIES || this.#closing) return problem;
      await sleep(FIRST_WAIT_MS * 2 ** (tries - 1), undefined, { ref: false });
    }
  }

  async #post(body: string): Promise<{ readonly problem: string | null; readonly passes: boolean }> {
    const { url, headers } = this.#options;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      await response.body?.cancel();
      if (response.ok) return { problem: null, passes: false };
      return { problem: `the receiver answers ${response.status}`, passes: PASSING.has(response.status) };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      return { problem: cause?.code ?? message, passes: true };
    }
  }
}
