import type { Bucket } from "@google-cloud/storage";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OptionalPackage } from "../connectors/optional-package.ts";
import { bucketNotFound, objectNotFound, storeDenied, storeFailed } from "./object-error.ts";
import { checkKey, checkPrefix } from "./object-key.ts";
import type { ListOptions, ObjectInfo, ObjectStore, ReadOptions, WriteOptions } from "./object-store.ts";
import { parts } from "./parts.ts";
import type { StoreUrl } from "./store-url.ts";

type Module = typeof import("@google-cloud/storage");
type Signal = { readonly signal?: AbortSignal | null };

const sdk = new OptionalPackage<Module>({ what: "Google Cloud Storage", name: "@google-cloud/storage" });

const RESUMED = 4;
const DELETED_AT_ONCE = 16;
const PART_BYTES = 8 * 2 ** 20;

export async function gcsObjects(url: StoreUrl): Promise<ObjectStore> {
  return new GcsObjects(await sdk.get(), url);
}

/** One bucket and prefix of Google Cloud Storage. The client itself tries a request several times. */
class GcsObjects implements ObjectStore {
  readonly name: string;
  readonly stampsArrival = true;
  readonly #bucket: Bucket;
  /** Empty, or with a slash at its end. */
  readonly #prefix: string;

  constructor(module: Module, { bucket, prefix, settings, name }: StoreUrl) {
    const { endpoint: apiEndpoint, key_file: keyFilename, project: projectId } = settings;
    this.name = name;
    this.#prefix = prefix;
    this.#bucket = new module.Storage({
      ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
      ...(keyFilename === undefined ? {} : { keyFilename }),
      ...(projectId === undefined ? {} : { projectId }),
      retryOptions: { autoRetry: true, maxRetries: 3, totalTimeout: 60 },
    }).bucket(bucket);
  }

  async *list(prefix: string, { signal = null }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    for await (const { files } of this.#pages(checkPrefix(prefix), null, signal))
      for (const { name, metadata } of files) yield infoOf(name.slice(this.#prefix.length), metadata);
  }

  async *folders(folder: string, { signal = null }: ListOptions = {}): AsyncIterable<string> {
    const below = checkPrefix(folder) === "" || folder.endsWith("/") ? folder : `${folder}/`;
    for await (const { prefixes } of this.#pages(below, "/", signal))
      for (const prefix of prefixes) yield prefix.slice((this.#prefix + below).length, -1);
  }

  async head(key: string, { signal = null }: Signal = {}): Promise<ObjectInfo | null> {
    const metadata = await this.#metadata(checkKey(key), signal);
    return metadata === null ? null : infoOf(key, metadata);
  }

  async *read(key: string, { signal = null, range }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    checkKey(key);
    if (range?.length === 0) return;
    const found = await this.#metadata(key, signal);
    if (found === null) throw objectNotFound(this.name, key);
    // Gone on with only while it is the same object.
    const { generation, size = 0 } = found;
    const file = this.#bucket.file(this.#prefix + key, generation === undefined ? {} : { generation });
    let start = range?.offset ?? 0;
    const end = Math.min(Number(size), range === undefined ? Infinity : range.offset + range.length) - 1;
    for (let resumed = 0; start <= end; resumed++) {
      const stream = file.createReadStream({ start, end, validation: false });
      const onAbort = (): void => void stream.destroy(signal?.reason as Error);
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        signal?.throwIfAborted();
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          start += chunk.byteLength;
          yield chunk;
        }
        return;
      } catch (error) {
        if (resumed === RESUMED || statusOf(error) !== null) this.#fail(error, `reading ${key}`, key, signal);
        signal?.throwIfAborted();
      } finally {
        signal?.removeEventListener("abort", onAbort);
        stream.destroy();
      }
    }
  }

  /** An upload that is not ended is not seen, and Google removes it after a week. */
  async write(key: string, chunks: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<number> {
    const { signal = null, onProgress = () => {} } = options;
    const file = this.#bucket.file(this.#prefix + checkKey(key));
    const pieces = parts(chunks);
    let source: { readonly error: unknown } | null = null;
    let bytes = 0;
    const counted = async function* (first: readonly Buffer[]): AsyncIterable<Buffer> {
      try {
        for await (const part of joined(first, pieces)) {
          signal?.throwIfAborted();
          yield part;
          onProgress((bytes += part.byteLength));
        }
      } catch (error) {
        source = { error };
        throw error;
      }
    };
    const first = await pieces.next();
    const second = await pieces.next();
    const large = second.done !== true;
    const held = large ? [first.value as Buffer, second.value] : [first.value as Buffer];
    try {
      const upload = file.createWriteStream({
        resumable: large,
        validation: false,
        ...(large ? { chunkSize: PART_BYTES } : {}),
      });
      await pipeline(Readable.from(counted(held), { objectMode: false }), upload, signal === null ? {} : { signal });
      return bytes;
    } catch (error) {
      const broken = source as { readonly error: unknown } | null;
      if (broken !== null) throw broken.error;
      // An upload can lack nothing else.
      if (statusOf(error) === 404) throw bucketNotFound(this.name, error);
      return this.#fail(error, `writing ${key}`, key, signal);
    } finally {
      await pieces.return();
    }
  }

  async delete(keys: readonly string[], { signal = null }: Signal = {}): Promise<void> {
    const files = keys.map((key) => this.#bucket.file(this.#prefix + checkKey(key)));
    for (let at = 0; at < files.length; at += DELETED_AT_ONCE) {
      signal?.throwIfAborted();
      const some = files.slice(at, at + DELETED_AT_ONCE).map((file) => file.delete({ ignoreNotFound: true }));
      await Promise.all(some).catch((error: unknown) => this.#fail(error, "deleting", keys[at] as string, signal));
    }
  }

  async *#pages(prefix: string, delimiter: string | null, signal: AbortSignal | null) {
    const shape = { prefix: this.#prefix + prefix, autoPaginate: false, ...(delimiter === null ? {} : { delimiter }) };
    for (let pageToken: string | undefined; ;) {
      signal?.throwIfAborted();
      const [files, , answer] = await this.#bucket
        .getFiles({ ...shape, ...(pageToken === undefined ? {} : { pageToken }) })
        .catch((error: unknown) => this.#fail(error, "listing", prefix, signal));
      const { prefixes = [], nextPageToken } = (answer ?? {}) as { prefixes?: string[]; nextPageToken?: string };
      yield { files, prefixes };
      if (nextPageToken === undefined || nextPageToken === "") return;
      pageToken = nextPageToken;
    }
  }

  async #metadata(key: string, signal: AbortSignal | null): Promise<Metadata | null> {
    signal?.throwIfAborted();
    try {
      return (await this.#bucket.file(this.#prefix + key).getMetadata())[0];
    } catch (error) {
      if (statusOf(error) !== 404) return this.#fail(error, `looking at ${key}`, key, signal);
      await this.#bucketThere(error);
      return null;
    }
  }

  async #bucketThere(cause: unknown): Promise<void> {
    const [there] = await this.#bucket.exists().catch(() => [true]);
    if (!there) throw bucketNotFound(this.name, cause);
  }

  #fail(error: unknown, what: string, key: string, signal: AbortSignal | null): never {
    signal?.throwIfAborted();
    const status = statusOf(error);
    if (status === 404)
      throw /bucket/i.test((error as Error).message)
        ? bucketNotFound(this.name, error)
        : objectNotFound(this.name, key, error);
    if (status === 403 || status === 401) throw storeDenied(this.name, what, error);
    throw storeFailed(this.name, what, error);
  }
}

interface Metadata {
  readonly size?: number | string;
  readonly updated?: string;
  readonly etag?: string;
  readonly generation?: number | string;
}

const infoOf = (key: string, { size = 0, updated, etag }: Metadata): ObjectInfo => ({
  key,
  size: Number(size),
  modified: new Date(updated ?? 0),
  etag: etag ?? null,
});

const statusOf = (error: unknown): number | null => {
  const { code } = error as { code?: unknown };
  return typeof code === "number" ? code : null;
};

async function* joined(first: readonly Buffer[], later: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield* first;
  yield* later;
}
