import { ApiError, type LiveEvent, TuttiClient } from "../../../../src/client/index.ts";

/** The server says every 15 s that it is there. */
const SILENT_MS = 20_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8_000;

export type Connection = "connecting" | "live" | "reconnecting" | "signed_out";

export type StreamNews =
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "event"; readonly event: LiveEvent }
  /** What the server does not show: it is gone, or was never there. */
  | { readonly kind: "refused"; readonly topics: readonly string[] };

/** What everybody follows. */
const ALWAYS = ["runs", "workflows"];

/**
 * The one stream of a browser: begins again where it broke off, waits longer each time that fails, and notices a connection that is
 * silent for longer than the server ever is.
 */
export class LiveStream {
  readonly #url: string;
  readonly #tell: (news: StreamNews) => void;
  #end: AbortController | null = null;
  #topics: readonly string[] = ALWAYS;
  #connection: Connection = "connecting";
  #hurry: () => void = () => {};

  constructor(url: string, tell: (news: StreamNews) => void) {
    this.#url = url;
    this.#tell = tell;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Follows these, from a snapshot on. Already followed, and not `anew`: nothing happens. */
  follow(topics: Iterable<string>, anew = false): void {
    const wanted = [...new Set([...ALWAYS, ...topics])];
    const known = wanted.every((topic) => this.#topics.includes(topic));
    if (known && !anew && this.#end !== null) return;
    this.#topics = wanted;
    this.#end?.abort();
    this.#end = new AbortController();
    void this.#run(wanted, this.#end.signal);
  }

  /** The network is back, or somebody has signed in. */
  wake(): void {
    if (this.#connection === "signed_out") this.follow(this.#topics, true);
    else this.#hurry();
  }

  close(): void {
    this.#end?.abort();
    this.#end = null;
  }

  async #run(topics: readonly string[], signal: AbortSignal): Promise<void> {
    let after: string | undefined;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        for await (const event of this.#events(topics, after, signal)) {
          if (event.id !== null) after = event.id;
          failures = 0;
          this.#say("live");
          this.#tell({ kind: "event", event });
        }
      } catch (error) {
        if (signal.aborted) return;
        const status = error instanceof ApiError ? error.status : 0;
        if (status === 401) return this.#say("signed_out");
        if (status >= 400 && status < 429 && topics.length > ALWAYS.length) {
          const refused = await this.#refused(topics, signal);
          if (signal.aborted) return;
          this.#tell({ kind: "refused", topics: refused });
          return this.follow(
            topics.filter((topic) => !refused.includes(topic)),
            true,
          );
        }
      }
      if (signal.aborted) return;
      this.#say("reconnecting");
      await this.#pause(Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS), signal);
    }
  }

  async *#events(
    topics: readonly string[],
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LiveEvent, void> {
    const broken = new AbortController();
    const client = new TuttiClient({ url: this.#url, fetch: watched(broken) });
    const both = AbortSignal.any([signal, broken.signal]);
    yield* client.events(topics, { signal: both, ...(after === undefined ? {} : { after }) });
  }

  /** Of topics that were refused together, those whose run is not there; all of them, where each is. */
  async #refused(topics: readonly string[], signal: AbortSignal): Promise<string[]> {
    const client = new TuttiClient({ url: this.#url });
    const own = topics.filter((topic) => !ALWAYS.includes(topic));
    const isThere = await Promise.all(
      own.map((topic) =>
        client
          .get("/api/runs/{run}", { params: { run: topic.slice(topic.indexOf(":") + 1) }, signal })
          .then(() => true)
          .catch(() => false),
      ),
    );
    const gone = own.filter((_, at) => !isThere[at]);
    return gone.length > 0 ? gone : own;
  }

  #say(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#tell({ kind: "connection", connection });
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#hurry = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    this.#hurry = () => {};
  }
}

/** A fetch whose answer is given up when nothing of it comes for a while. */
const watched =
  (broken: AbortController): typeof fetch =>
  async (input, init) => {
    let timer = setTimeout(() => broken.abort(), SILENT_MS);
    const answer = await fetch(input, init);
    const seen = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        clearTimeout(timer);
        timer = setTimeout(() => broken.abort(), SILENT_MS);
        out.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    if (!answer.ok || answer.body === null) {
      clearTimeout(timer);
      return answer;
    }
    return new Response(answer.body.pipeThrough(seen), answer);
  };
