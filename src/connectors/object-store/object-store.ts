import { type Connection, connection } from "../../authoring/connection.ts";
import type { EventTrigger } from "../../authoring/event-trigger.ts";
import { type OnPollOptions, pollTrigger } from "../../authoring/on-poll.ts";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";
import type { ObjectInfo, ObjectStore } from "../../objects/object-store.ts";
import { objectsAt } from "../../objects/objects-at.ts";
import { type NewObjects, readCursor, unseen, writeCursor } from "./new-objects.ts";
import { chunksOf, type ObjectContent } from "./object-content.ts";

export type { ObjectContent } from "./object-content.ts";

export interface WriteObjectOptions {
  /** Is told from time to time how many bytes have gone out. Default: nobody is. */
  readonly onProgress?: (bytes: number) => void;
}

export interface NewObjectsOptions {
  /** How many at most. Default: 1,000. */
  readonly limit?: number;
  /**
   * How much later than an object with a newer time one may become visible: a large upload has the time at which it began. Default: `"1d"`. In a folder,
   * where a file has whatever time its writer gives it, all that is there is compared.
   */
  readonly lookback?: Duration;
}

/** How objects are looked for. */
export interface OnNewObjectsOptions extends NewObjectsOptions, OnPollOptions {
  /** Names the trigger. Default: `objects <connection>/<prefix>`. */
  readonly name?: string;
}

/** Objects by their path below the connection's prefix, which no path leads out of. */
export interface Objects {
  readonly name: string;
  /**
   * Those whose key begins with `prefix`, in the order of their keys, as many as there are.
   *
   * @example
   * for await (const { key, size } of lake.list("sales/2025-08/")) ctx.log.info(key, { size });
   */
  list(prefix?: string): AsyncIterable<ObjectInfo>;
  /**
   * What has come below `prefix` since a cursor; `null` as the first cursor gives all that is there. It reads the listing, and asks for no object. Keep the
   * cursor when the objects are done with: what was given out before a crash is then given again, and nothing is left out.
   *
   * @example
   * const { objects, cursor } = await lake.newObjects("inbox/", (await ctx.memory.get<string>("cursor")) ?? null);
   * for (const { key } of objects) await take(key);
   * await ctx.memory.set("cursor", cursor);
   * @throws TuttiError `BAD_CURSOR`: it is of another prefix, or no cursor at all.
   */
  newObjects(prefix: string, cursor: string | null, options?: NewObjectsOptions): Promise<NewObjects>;
  /**
   * Starts a run for each object that has come below `prefix`; one that is written again is new again. Its `ctx.event.payload` is `{ key, size, modified, etag }`. What is
   * there when the workflow is enabled starts nothing, unless it has `catchup`.
   *
   * @example
   * const lake = objectStore("lake");
   * const take = task("take", (_: void, ctx) => lake.bytes((ctx.event?.payload as { key: string }).key));
   * export default dag("inbox", { schedule: lake.onNewObjects("inbox/", { every: "30s" }) }, () => void take());
   */
  onNewObjects(prefix: string, options?: OnNewObjectsOptions): EventTrigger;
  /** What is known of one without its bytes; `null`: it is not there. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Everything at once. @throws TuttiError `OBJECT_NOT_FOUND` */
  bytes(key: string): Promise<Uint8Array>;
  /** Everything, parsed as JSON. */
  json<T>(key: string): Promise<T>;
  /** A part at a time, for what does not fit in memory. A connection that breaks off is gone on with from where it was. */
  stream(key: string): ReadableStream<Uint8Array>;
  /** Bytes `offset … offset + length`. */
  range(key: string, offset: number, length: number): Promise<Uint8Array>;
  /**
   * Writes an object and says how many bytes it has: it becomes visible whole, in place of what was there, or not at all. Above 8 MiB it goes in
   * parts, with about 32 MiB in memory, and parts that are left of one that failed are removed. Objects are written as JSON lines.
   *
   * @example
   * await lake.write(`sales/${ctx.date}.csv`, orders.copyOut("csv")`select * from sales where sold_on = ${ctx.date}`);
   */
  write(key: string, content: ObjectContent, options?: WriteObjectOptions): Promise<number>;
  /** One or many. Those that are not there are no error. */
  delete(keys: string | readonly string[]): Promise<void>;
  /** The same connection, whose calls stop when this signal aborts, instead of that of the task that makes them. */
  with(options: { readonly signal: AbortSignal }): Objects;
}

/**
 * Declares the object store `name`. Its URL comes from `TUTTI_CONNECTION_<NAME>` or `connections` in `tutti.config.ts`: `s3://bucket/prefix`, or
 * `file:./folder` for a folder.
 *
 * @example
 * const lake = objectStore("lake"); // TUTTI_CONNECTION_LAKE=s3://acme-lake/raw?region=eu-central-1
 * @throws TuttiError `OBJECT_NOT_FOUND`, `BUCKET_NOT_FOUND`, `OBJECT_STORE_DENIED`, `OBJECT_STORE_FAILED`, `OBJECT_OUTSIDE_PREFIX`.
 */
export const objectStore = (name: string): Objects => new ObjectsHandle(connection(name), null);

const NEW_AT_ONCE = 1_000;
const LOOKBACK: Duration = "1d";

type Fake = Readonly<Record<string, unknown>>;

/** `Objects` over whatever the connection turns out to be, decided at each call: in a worker a URL, in a test a fake. */
class ObjectsHandle implements Objects {
  readonly name: string;
  readonly #connection: Connection;
  readonly #signal: AbortSignal | null;

  constructor(connection: Connection, signal: AbortSignal | null) {
    this.name = connection.name;
    this.#connection = connection;
    this.#signal = signal;
  }

  async *list(prefix = ""): AsyncIterable<ObjectInfo> {
    yield* await this.#on<AsyncIterable<ObjectInfo>>("list", [prefix], (store, signal) =>
      store.list(prefix, { signal }),
    );
  }

  async newObjects(prefix: string, cursor: string | null, options: NewObjectsOptions = {}): Promise<NewObjects> {
    const { limit = NEW_AT_ONCE, lookback = LOOKBACK } = options;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new TuttiError("BAD_LIMIT", `A limit is a whole number from 1 on; got ${String(limit)}.`);
    const lookbackMs = parseDuration(lookback);
    return await this.#on("newObjects", [prefix, cursor, options], async (store, signal) => {
      const wanted = { limit, lookbackMs: store.stampsArrival ? lookbackMs : Infinity, now: Date.now() };
      const { seen, ...found } = await unseen(store.list(prefix, { signal }), readCursor(prefix, cursor), wanted);
      return { ...found, cursor: writeCursor(seen) };
    });
  }

  onNewObjects(prefix: string, options: OnNewObjectsOptions = {}): EventTrigger {
    const { limit = NEW_AT_ONCE, lookback = LOOKBACK, ...polling } = options;
    const what = `objectStore("${this.name}").onNewObjects(…)`;
    if (limit > NEW_AT_ONCE)
      throw new TuttiError(
        "BAD_LIMIT",
        `${what} looks for ${limit} objects at once; at most ${NEW_AT_ONCE} start runs together.`,
      );
    return pollTrigger<string>(what, polling, `objects ${this.name}/${prefix}`, async (cursor, { signal }) => {
      const found = await this.with({ signal }).newObjects(prefix, cursor, { limit, lookback });
      if (found.objects.length === 0 && cursor !== null) return undefined;
      const payload = ({ key, size, modified, etag }: ObjectInfo) => ({
        key,
        size,
        modified: modified.toISOString(),
        etag,
      });
      const { cursor: next, more, objects } = found;
      return { cursor: next, more, events: objects.map((object) => ({ payload: payload(object) })) };
    });
  }

  async head(key: string): Promise<ObjectInfo | null> {
    return await this.#on("head", [key], (store, signal) => store.head(key, { signal }));
  }

  async bytes(key: string): Promise<Uint8Array> {
    return await this.#on("bytes", [key], (store, signal) => gathered(store.read(key, { signal })));
  }

  async json<T>(key: string): Promise<T> {
    return await this.#on("json", [key], async (store, signal) => {
      const bytes = await gathered(store.read(key, { signal }));
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    });
  }

  stream(key: string): ReadableStream<Uint8Array> {
    return ReadableStream.from<Uint8Array>(this.#chunks(key));
  }

  async range(key: string, offset: number, length: number): Promise<Uint8Array> {
    if (![offset, length].every((number) => Number.isSafeInteger(number) && number >= 0))
      throw new TuttiError("BAD_RANGE", `A range is two whole numbers from 0 on; got ${offset} and ${length}.`);
    return await this.#on("range", [key, offset, length], (store, signal) =>
      gathered(store.read(key, { signal, range: { offset, length } })),
    );
  }

  async write(key: string, content: ObjectContent, options: WriteObjectOptions = {}): Promise<number> {
    return await this.#on("write", [key, content, options], (store, signal) =>
      store.write(key, chunksOf(content), { signal, ...options }),
    );
  }

  async delete(keys: string | readonly string[]): Promise<void> {
    await this.#on("delete", [keys], (store, signal) =>
      store.delete(typeof keys === "string" ? [keys] : keys, { signal }),
    );
  }

  with(options: { readonly signal: AbortSignal }): Objects {
    return new ObjectsHandle(this.#connection, options.signal);
  }

  async *#chunks(key: string): AsyncIterable<Uint8Array> {
    yield* await this.#on<AsyncIterable<Uint8Array>>("stream", [key], (store, signal) => store.read(key, { signal }));
  }

  async #on<R>(
    method: string,
    args: readonly unknown[],
    work: (store: ObjectStore, signal: AbortSignal | null) => R | Promise<R>,
  ): Promise<R> {
    const signal = this.#signal ?? this.#connection.signal();
    signal?.throwIfAborted();
    const given = this.#connection.resolve();
    if (typeof given === "object" && given !== null) return (await this.#fake(given as Fake, method, args)) as R;
    if (typeof given === "string") return await work(await objectsAt(`Connection "${this.name}"`, given), signal);
    throw new TuttiError(
      "CONNECTION_UNKNOWN",
      `Connection "${this.name}" is not configured. Name it under "connections" in tutti.config.ts, e.g. as "s3://bucket/prefix" or "file:./${this.name}".`,
    );
  }

  #fake(fake: Fake, method: string, args: readonly unknown[]): unknown {
    const implementation = fake[method];
    if (typeof implementation === "function") return implementation.apply(fake, args) as unknown;
    throw new TuttiError(
      "FAKE_INCOMPLETE",
      `The test's fake for connection "${this.name}" has no method "${method}", and the task called it. Give it one: { ${method}: async () => … }, or a URL such as "file:./${this.name}".`,
    );
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}
