import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { OptionalPackage } from "../connectors/optional-package.ts";
import { bucketNotFound, objectNotFound, storeDenied, storeFailed } from "./object-error.ts";
import { checkKey, checkPrefix } from "./object-key.ts";
import type { ListOptions, ObjectInfo, ObjectStore, ReadOptions, WriteOptions } from "./object-store.ts";
import { parts } from "./parts.ts";
import type { StoreUrl } from "./store-url.ts";

type S3Module = typeof import("@aws-sdk/client-s3");
type Signal = { readonly signal?: AbortSignal | null };

const sdk = new OptionalPackage<S3Module>({ what: "S3", name: "@aws-sdk/client-s3" });

/** Parts on their way at once: what an upload holds in memory is one more of these. */
const PARTS_AT_ONCE = 3;
const DELETED_AT_ONCE = 1_000;
/** How often a stream that breaks off is gone on with from where it was. */
const RESUMED = 4;

export async function s3Objects(url: StoreUrl): Promise<ObjectStore> {
  return new S3Objects(await sdk.get(), url);
}

/** One bucket and prefix of S3, or of a server that speaks it. The client itself tries a request three times. */
class S3Objects implements ObjectStore {
  readonly name: string;
  readonly stampsArrival = true;
  readonly #sdk: S3Module;
  readonly #client: S3Client;
  readonly #bucket: string;
  /** Empty, or with a slash at its end. */
  readonly #prefix: string;

  constructor(module: S3Module, { bucket, prefix, settings, name }: StoreUrl) {
    const {
      endpoint,
      region,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
      session_token,
    } = settings;
    this.name = name;
    this.#sdk = module;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#client = new module.S3Client({
      region: region ?? "us-east-1",
      // Servers other than Amazon's have no name of a host for each bucket, and not all of the newer checksums.
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      ...(accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : {
            credentials: {
              accessKeyId,
              secretAccessKey,
              ...(session_token === undefined ? {} : { sessionToken: session_token }),
            },
          }),
    });
  }

  async *list(prefix: string, { signal = null }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    for await (const { Contents = [] } of this.#pages(prefix, null, signal))
      for (const { Key = "", Size = 0, LastModified, ETag } of Contents)
        yield {
          key: Key.slice(this.#prefix.length),
          size: Size,
          modified: LastModified ?? new Date(0),
          etag: ETag ?? null,
        };
  }

  async *folders(folder: string, { signal = null }: ListOptions = {}): AsyncIterable<string> {
    const below = checkPrefix(folder) === "" || folder.endsWith("/") ? folder : `${folder}/`;
    for await (const { CommonPrefixes = [] } of this.#pages(below, "/", signal))
      for (const { Prefix = "" } of CommonPrefixes) yield Prefix.slice((this.#prefix + below).length, -1);
  }

  async head(key: string, { signal = null }: Signal = {}): Promise<ObjectInfo | null> {
    checkKey(key);
    try {
      const command = new this.#sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key });
      const found = await this.#client.send(command, aborting(signal));
      const { ContentLength: size = 0, LastModified: modified = new Date(0), ETag: etag = null } = found;
      return { key, size, modified, etag };
    } catch (error) {
      signal?.throwIfAborted();
      if (statusOf(error) !== 404) throw this.#failure(error, `looking at ${key}`, key);
      // An answer to HEAD has no body to say what is missing.
      await this.#bucketThere(signal);
      return null;
    }
  }

  async *read(key: string, { signal = null, range }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    checkKey(key);
    if (range?.length === 0) return;
    let offset = range?.offset ?? 0;
    const end = range === undefined ? null : range.offset + range.length - 1;
    let etag: string | undefined;
    for (let resumed = 0; ; resumed++) {
      let found: GetObjectCommandOutput;
      try {
        const bytes = offset > 0 || end !== null ? { Range: `bytes=${offset}-${end ?? ""}` } : {};
        // Gone on with only while it is the same object.
        const same = etag === undefined ? {} : { IfMatch: etag };
        const command = new this.#sdk.GetObjectCommand({
          Bucket: this.#bucket,
          Key: this.#prefix + key,
          ...bytes,
          ...same,
        });
        found = await this.#client.send(command, aborting(signal));
      } catch (error) {
        signal?.throwIfAborted();
        throw this.#failure(error, `reading ${key}`, key);
      }
      etag = found.ETag;
      try {
        for await (const chunk of found.Body as unknown as AsyncIterable<Uint8Array>) {
          offset += chunk.byteLength;
          yield chunk;
        }
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (resumed === RESUMED || etag === undefined) throw this.#failure(error, `reading ${key}`, key);
      }
    }
  }

  async write(key: string, chunks: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<number> {
    checkKey(key);
    const at = { Bucket: this.#bucket, Key: this.#prefix + key };
    const { signal = null, onProgress = () => {} } = options;
    const pieces = parts(chunks);
    const first = await pieces.next();
    const second = await pieces.next();
    try {
      if (second.done !== true)
        return await this.#writeParts(at, [first.value as Buffer, second.value], pieces, options);
      const body = first.value as Buffer;
      await this.#client.send(new this.#sdk.PutObjectCommand({ ...at, Body: body }), aborting(signal));
      onProgress(body.byteLength);
      return body.byteLength;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, `writing ${key}`, key);
    } finally {
      await pieces.return();
    }
  }

  async delete(keys: readonly string[], { signal = null }: Signal = {}): Promise<void> {
    const all = keys.map((key) => ({ Key: this.#prefix + checkKey(key) }));
    for (let at = 0; at < all.length; at += DELETED_AT_ONCE) {
      const Delete = { Objects: all.slice(at, at + DELETED_AT_ONCE), Quiet: true };
      try {
        const command = new this.#sdk.DeleteObjectsCommand({ Bucket: this.#bucket, Delete });
        const { Errors: [failed] = [] } = await this.#client.send(command, aborting(signal));
        if (failed !== undefined) throw Object.assign(new Error(failed.Message), { name: failed.Code });
      } catch (error) {
        signal?.throwIfAborted();
        throw this.#failure(error, "deleting", keys[at] as string);
      }
    }
  }

  /** A few parts at once. What was sent of an upload that does not end is removed: it would be paid for, and never seen. */
  async #writeParts(
    at: { readonly Bucket: string; readonly Key: string },
    first: readonly Buffer[],
    later: AsyncIterable<Buffer>,
    { signal = null, onProgress = () => {} }: WriteOptions,
  ): Promise<number> {
    const {
      CreateMultipartUploadCommand,
      UploadPartCommand,
      CompleteMultipartUploadCommand,
      AbortMultipartUploadCommand,
    } = this.#sdk;
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(at), aborting(signal));
    const sent: Promise<{ readonly ETag: string | undefined; readonly PartNumber: number }>[] = [];
    let bytes = 0;
    const send = async (part: Buffer, PartNumber: number) => {
      const command = new UploadPartCommand({ ...at, UploadId, PartNumber, Body: part });
      const { ETag } = await this.#client.send(command, aborting(signal));
      onProgress((bytes += part.byteLength));
      return { ETag, PartNumber };
    };
    try {
      for await (const part of joined(first, later)) {
        const upload = send(part, sent.length + 1);
        upload.catch(() => {});
        sent.push(upload);
        // The one that makes room; one that failed ends it here.
        await sent[sent.length - PARTS_AT_ONCE];
      }
      const Parts = await Promise.all(sent);
      const command = new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } });
      await this.#client.send(command, aborting(signal));
      return bytes;
    } catch (error) {
      await Promise.allSettled(sent);
      await this.#client.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => {});
      throw error;
    }
  }

  async *#pages(prefix: string, Delimiter: string | null, signal: AbortSignal | null) {
    const shape = { Bucket: this.#bucket, Prefix: this.#prefix + prefix, ...(Delimiter === null ? {} : { Delimiter }) };
    for (let ContinuationToken: string | undefined; ;) {
      const page = await this.#client
        .send(new this.#sdk.ListObjectsV2Command({ ...shape, ContinuationToken }), aborting(signal))
        .catch((error: unknown) => {
          signal?.throwIfAborted();
          throw this.#failure(error, "listing", prefix);
        });
      yield page;
      ContinuationToken = page.NextContinuationToken;
      if (page.IsTruncated !== true || ContinuationToken === undefined) return;
    }
  }

  async #bucketThere(signal: AbortSignal | null): Promise<void> {
    await this.#client
      .send(new this.#sdk.HeadBucketCommand({ Bucket: this.#bucket }), aborting(signal))
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        if (statusOf(error) === 404) throw bucketNotFound(this.name, error);
      });
  }

  #failure(error: unknown, what: string, key: string): Error {
    const { name } = error as Error;
    // Not an answer of the store: the source of what is written failed.
    if (statusOf(error) === null && !isOfClient(error)) return error as Error;
    if (name === "NoSuchBucket") return bucketNotFound(this.name, error);
    if (name === "NoSuchKey" || statusOf(error) === 404) return objectNotFound(this.name, key, error);
    if (statusOf(error) === 403 || statusOf(error) === 401 || name === "CredentialsProviderError")
      return storeDenied(this.name, what, error);
    return storeFailed(this.name, what, error);
  }
}

const aborting = (signal: AbortSignal | null): { abortSignal?: AbortSignal } =>
  signal === null ? {} : { abortSignal: signal };

const statusOf = (error: unknown): number | null =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode ?? null;

const isOfClient = (error: unknown): boolean => {
  const { code = "", name = "", $metadata } = error as { code?: string; name?: string; $metadata?: object };
  return (
    $metadata !== undefined ||
    /^E[A-Z]+$/.test(code) ||
    /^(CredentialsProviderError|TimeoutError|NetworkingError)$/.test(name)
  );
};

async function* joined(first: readonly Buffer[], later: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield* first;
  yield* later;
}
