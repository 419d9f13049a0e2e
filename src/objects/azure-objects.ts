import type { ContainerClient } from "@azure/storage-blob";
import { OptionalPackage } from "../connectors/optional-package.ts";
import { bucketNotFound, objectNotFound, storeDenied, storeFailed } from "./object-error.ts";
import { checkKey, checkPrefix } from "./object-key.ts";
import type { ListOptions, ObjectInfo, ObjectStore, ReadOptions, WriteOptions } from "./object-store.ts";
import { parts } from "./parts.ts";
import type { StoreUrl } from "./store-url.ts";

type Module = typeof import("@azure/storage-blob");
type Signal = { readonly signal?: AbortSignal | null };

const sdk = new OptionalPackage<Module>({ what: "Azure Blob Storage", name: "@azure/storage-blob" });

/** How often a stream that breaks off is gone on with from where it was; the client does so itself, while it is the same blob. */
const RESUMED = 4;
const DELETED_AT_ONCE = 16;

export async function azureObjects(url: StoreUrl): Promise<ObjectStore> {
  return new AzureObjects(await sdk.get(), url);
}

/** One container and prefix of an account of Azure Blob Storage. The client itself tries a request several times. */
class AzureObjects implements ObjectStore {
  readonly name: string;
  readonly stampsArrival = true;
  readonly #container: ContainerClient;
  /** Empty, or with a slash at its end. */
  readonly #prefix: string;

  constructor(module: Module, { bucket, container = "", prefix, settings, name }: StoreUrl) {
    const { endpoint = `https://${bucket}.blob.core.windows.net`, account_key: key } = settings;
    const credential =
      key === undefined ? new module.AnonymousCredential() : new module.StorageSharedKeyCredential(bucket, key);
    this.name = name;
    this.#prefix = prefix;
    this.#container = new module.BlobServiceClient(endpoint, credential, {
      retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 },
    }).getContainerClient(container);
  }

  async *list(prefix: string, { signal = null }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    const shape = { prefix: this.#prefix + checkPrefix(prefix), ...aborting(signal) };
    try {
      for await (const { name, properties } of this.#container.listBlobsFlat(shape))
        yield {
          key: name.slice(this.#prefix.length),
          size: properties.contentLength ?? 0,
          modified: properties.lastModified,
          etag: properties.etag,
        };
    } catch (error) {
      this.#fail(error, "listing", prefix, signal);
    }
  }

  async *folders(folder: string, { signal = null }: ListOptions = {}): AsyncIterable<string> {
    const below = checkPrefix(folder) === "" || folder.endsWith("/") ? folder : `${folder}/`;
    const prefix = this.#prefix + below;
    try {
      for await (const item of this.#container.listBlobsByHierarchy("/", { prefix, ...aborting(signal) }))
        if (item.kind === "prefix") yield item.name.slice(prefix.length, -1);
    } catch (error) {
      this.#fail(error, "listing", folder, signal);
    }
  }

  async head(key: string, { signal = null }: Signal = {}): Promise<ObjectInfo | null> {
    const blob = this.#container.getBlobClient(this.#prefix + checkKey(key));
    try {
      const { contentLength = 0, lastModified = new Date(0), etag = null } = await blob.getProperties(aborting(signal));
      return { key, size: contentLength, modified: lastModified, etag };
    } catch (error) {
      if (codeOf(error) === "BlobNotFound") return null;
      return this.#fail(error, `looking at ${key}`, key, signal);
    }
  }

  async *read(key: string, { signal = null, range }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const blob = this.#container.getBlobClient(this.#prefix + checkKey(key));
    if (range?.length === 0) return;
    try {
      const options = { ...aborting(signal), maxRetryRequests: RESUMED };
      const { readableStreamBody } = await blob.download(range?.offset ?? 0, range?.length, options);
      yield* readableStreamBody as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      this.#fail(error, `reading ${key}`, key, signal);
    }
  }

  /** Blocks that are never committed are not seen, and Azure removes them after a week. */
  async write(key: string, chunks: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<number> {
    const { signal = null, onProgress = () => {} } = options;
    const blob = this.#container.getBlockBlobClient(this.#prefix + checkKey(key));
    const ids: string[] = [];
    let bytes = 0;
    for await (const part of parts(chunks)) {
      signal?.throwIfAborted();
      const id = Buffer.from(String(ids.length).padStart(8, "0")).toString("base64");
      await blob
        .stageBlock(id, part, part.byteLength, aborting(signal))
        .catch((error: unknown) => (part.byteLength === 0 ? null : this.#fail(error, `writing ${key}`, key, signal)));
      if (part.byteLength > 0) ids.push(id);
      onProgress((bytes += part.byteLength));
    }
    signal?.throwIfAborted();
    await blob
      .commitBlockList(ids, aborting(signal))
      .catch((error: unknown) => this.#fail(error, `writing ${key}`, key, signal));
    return bytes;
  }

  async delete(keys: readonly string[], { signal = null }: Signal = {}): Promise<void> {
    const blobs = keys.map((key) => this.#container.getBlobClient(this.#prefix + checkKey(key)));
    for (let at = 0; at < blobs.length; at += DELETED_AT_ONCE) {
      const some = blobs.slice(at, at + DELETED_AT_ONCE).map((blob) => blob.deleteIfExists(aborting(signal)));
      await Promise.all(some).catch((error: unknown) => this.#fail(error, "deleting", keys[at] as string, signal));
    }
  }

  #fail(error: unknown, what: string, key: string, signal: AbortSignal | null): never {
    signal?.throwIfAborted();
    const code = codeOf(error);
    if (code === "ContainerNotFound") throw bucketNotFound(this.name, error);
    if (code === "BlobNotFound") throw objectNotFound(this.name, key, error);
    const status = (error as { readonly statusCode?: number }).statusCode;
    if (status === 403 || status === 401) throw storeDenied(this.name, what, error);
    throw storeFailed(this.name, what, error);
  }
}

const aborting = (signal: AbortSignal | null): { abortSignal?: AbortSignal } =>
  signal === null ? {} : { abortSignal: signal };

/** An answer to HEAD has it in a header alone. */
function codeOf(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { errorCode?: string } };
  return code ?? details?.errorCode;
}
