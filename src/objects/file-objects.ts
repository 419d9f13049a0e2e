import type { Dirent } from "node:fs";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join, resolve, sep } from "node:path";
import { objectNotFound, storeFailed } from "./object-error.ts";
import { checkKey, checkPrefix, outside } from "./object-key.ts";
import type { ListOptions, ObjectInfo, ObjectStore, ReadOptions, WriteOptions } from "./object-store.ts";

/** A file that is being written: it gets its name when it is whole. */
const HALF = ".half-";

/** A folder of files as an object store. A link that leads out of the folder is refused as a path would be. */
export class FileObjects implements ObjectStore {
  readonly name: string;
  readonly stampsArrival = false;
  readonly #root: string;

  /** @param root Absolute. Made by the first write. */
  constructor(root: string) {
    this.#root = resolve(root);
    this.name = `file:${this.#root}`;
  }

  async *list(prefix: string, { signal = null }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    await this.#within(folder);
    for await (const key of this.#keysBelow(folder, prefix, signal)) {
      const info = await this.head(key, { signal });
      if (info !== null) yield info;
    }
  }

  async *folders(folder: string, { signal = null }: ListOptions = {}): AsyncIterable<string> {
    checkPrefix(folder);
    await this.#within(folder);
    for (const entry of await entriesOf(join(this.#root, folder))) {
      signal?.throwIfAborted();
      if (entry.isDirectory()) yield entry.name;
    }
  }

  async head(
    key: string,
    { signal = null }: { readonly signal?: AbortSignal | null } = {},
  ): Promise<ObjectInfo | null> {
    signal?.throwIfAborted();
    const found = await stat(await this.#place(key)).catch(absentAsNull);
    if (found === null || !found.isFile()) return null;
    return { key, size: found.size, modified: found.mtime, etag: null };
  }

  async *read(key: string, { signal = null, range }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const path = await this.#place(key);
    const part = range === undefined ? {} : { start: range.offset, end: range.offset + range.length - 1 };
    if (range?.length === 0) return;
    const stream = createReadStream(path, part);
    const onAbort = (): void => void stream.destroy(signal?.reason as Error);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal?.throwIfAborted();
      throw isAbsent(error) ? objectNotFound(this.name, key, error) : storeFailed(this.name, `reading ${key}`, error);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      stream.destroy();
    }
  }

  async write(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    { signal = null, onProgress = () => {} }: WriteOptions = {},
  ): Promise<number> {
    const path = await this.#place(key);
    await mkdir(dirname(path), { recursive: true });
    const half = join(dirname(path), HALF + randomUUID());
    let size = 0;
    try {
      const file = await open(half, "wx");
      try {
        for await (const chunk of chunks) {
          signal?.throwIfAborted();
          for (let at = 0; at < chunk.byteLength;) at += (await file.write(chunk, at)).bytesWritten;
          onProgress((size += chunk.byteLength));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(half, path);
      return size;
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = await this.#place(key);
      await rm(path, { force: true }).catch((error: unknown) => {
        throw storeFailed(this.name, `deleting ${key}`, error);
      });
      await this.#removeEmpty(dirname(path));
    }
  }

  async *#keysBelow(folder: string, prefix: string, signal: AbortSignal | null): AsyncIterable<string> {
    for (const entry of await entriesOf(join(this.#root, folder))) {
      signal?.throwIfAborted();
      const key = folder + entry.name;
      if (entry.name.startsWith(HALF)) continue;
      if (entry.isDirectory() && (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)))
        yield* this.#keysBelow(`${key}/`, prefix, signal);
      else if (!entry.isDirectory() && key.startsWith(prefix)) yield key;
    }
  }

  async #place(key: string): Promise<string> {
    await this.#within(checkKey(key));
    return join(this.#root, key);
  }

  /** A link on the way may lead anywhere; the deepest part that is there says where. */
  async #within(key: string): Promise<void> {
    const root = await realpath(this.#root).catch(() => null);
    if (root === null) return;
    for (let path = join(this.#root, key); path.length > this.#root.length; path = dirname(path)) {
      const real = await realpath(path).catch(() => null);
      if (real === null) continue;
      if (real !== root && !real.startsWith(root + sep)) throw outside(key);
      return;
    }
  }

  /** A folder is there while something is in it, as with objects. */
  async #removeEmpty(folder: string): Promise<void> {
    for (let at = folder; at.length > this.#root.length; at = dirname(at)) {
      const removed = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }
}

/** In the order of keys: a folder sorts as its name with a slash. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(absentAsNull);
  const sorted = (entry: Dirent): string => entry.name + (entry.isDirectory() ? "/" : "");
  return (entries ?? []).sort((a, b) => (sorted(a) < sorted(b) ? -1 : 1));
}

const isAbsent = (error: unknown): boolean =>
  /^(ENOENT|ENOTDIR|EISDIR)$/.test((error as NodeJS.ErrnoException).code ?? "");

function absentAsNull(error: unknown): null {
  if (isAbsent(error)) return null;
  throw error;
}
