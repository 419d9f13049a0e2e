/** One object, or file, of a store. */
export interface ObjectInfo {
  /** Its path below the store's root, with `/` between folders. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: Date;
  /** Changes with the content; `null` where the store has none. */
  readonly etag: string | null;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | null;
  /** Only these bytes. Default: all. */
  readonly range?: { readonly offset: number; readonly length: number };
}

export interface WriteOptions {
  readonly signal?: AbortSignal | null;
  /** Is told how many bytes have gone out. Default: nobody is. */
  readonly onProgress?: (bytes: number) => void;
}

export interface ListOptions {
  readonly signal?: AbortSignal | null;
}

/**
 * A bucket, or a folder, below one prefix: the same five things for S3, Google Cloud Storage, Azure and files. No key leads out of the prefix
 * (`checkKey`). What is written becomes visible whole or not at all. Requests that certainly had no effect, or the same effect twice, are tried again inside.
 *
 * @throws TuttiError `OBJECT_NOT_FOUND`, `BUCKET_NOT_FOUND`, `OBJECT_STORE_DENIED`, `OBJECT_STORE_FAILED`, `OBJECT_OUTSIDE_PREFIX`.
 */
export interface ObjectStore {
  /** Where it is, for messages: without anything secret. */
  readonly name: string;
  /** Whether `modified` is the store's own clock at the write; in a folder it is whatever the writer of a file says. */
  readonly stampsArrival: boolean;
  /** Those whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /** Names of the folders directly below `folder` (`""`: the root). A folder is there while something is in it. */
  folders(folder: string, options?: ListOptions): AsyncIterable<string>;
  /** `null`: it is not there. */
  head(key: string, options?: { readonly signal?: AbortSignal | null }): Promise<ObjectInfo | null>;
  /** Its bytes, as they come. */
  read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Gives the number of bytes. Large ones go in parts, with a few parts in memory. */
  write(key: string, chunks: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<number>;
  /** Those that are not there are no error. */
  delete(keys: readonly string[], options?: { readonly signal?: AbortSignal | null }): Promise<void>;
}
