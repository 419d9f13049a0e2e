import type { TuttiError } from "../../core/errors.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import type { IndexEntry } from "./log-entry.ts";
import { logObjects } from "./log-objects.ts";
import { SEGMENT } from "./log-place.ts";
import type { LogSource } from "./log-source.ts";

/** An object that holds a part of a segment. */
interface Part {
  readonly key: string;
  readonly offset: number;
  readonly size: number;
}

/** How often it is listed anew when a part was gone. */
const TRIES = 3;

/** A segment of another machine, as it has arrived in the store of logs. Nothing is sent there of its index. */
export class ShippedSource implements LogSource {
  readonly name: string;
  readonly #store: ObjectStore;
  readonly #runId: string;
  #parts: readonly Part[];

  constructor(store: ObjectStore, runId: string, name: string, parts: readonly Part[]) {
    this.#store = store;
    this.#runId = runId;
    this.name = name;
    this.#parts = parts;
  }

  get size(): number {
    return Math.max(0, ...this.#parts.map(endOf));
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const found: Buffer[] = [];
    let at = offset;
    for (let tries = 1; at < offset + length;) {
      const part = partAt(this.#parts, at);
      if (part === null) break;
      const range = { offset: at - part.offset, length: Math.min(offset + length, endOf(part)) - at };
      try {
        const bytes = await bytesOf(this.#store, part.key, range);
        if (bytes.length === 0) break;
        found.push(bytes);
        at += bytes.length;
      } catch (error) {
        // Its parts have been made one since they were listed: the same bytes stand elsewhere.
        if (tries++ === TRIES || (error as TuttiError).code !== "OBJECT_NOT_FOUND") throw error;
        this.#parts = (await partsBySegment(this.#store, `${this.#runId}/${this.name}/`)).get(this.name) ?? [];
      }
    }
    return Buffer.concat(found);
  }

  async *index(): AsyncGenerator<IndexEntry> {}

  async close(): Promise<void> {}
}

/** Those of a run whose segments are not on this machine. */
export async function shippedSources(
  url: string,
  runId: string,
  here: ReadonlySet<string>,
): Promise<readonly ShippedSource[]> {
  const store = await logObjects(url);
  const found = await partsBySegment(store, `${runId}/`);
  return [...found]
    .filter(([name]) => !here.has(name))
    .map(([name, parts]) => new ShippedSource(store, runId, name, parts));
}

async function partsBySegment(store: ObjectStore, prefix: string): Promise<ReadonlyMap<string, readonly Part[]>> {
  const found = new Map<string, Part[]>();
  for await (const { key, size } of store.list(prefix)) {
    const [, segment = "", name = ""] = key.split("/");
    const offset = Number(name.slice(0, -SEGMENT.length));
    if (name === "" || !Number.isSafeInteger(offset)) continue;
    const parts = found.get(segment) ?? [];
    parts.push({ key, offset, size });
    found.set(segment, parts);
  }
  return found;
}

const endOf = ({ offset, size }: Part): number => offset + size;

/** The one that goes on furthest from there: a whole segment stands beside its parts for a moment. */
function partAt(parts: readonly Part[], at: number): Part | null {
  let best: Part | null = null;
  for (const part of parts)
    if (part.offset <= at && at < endOf(part) && (best === null || endOf(part) > endOf(best))) best = part;
  return best;
}

async function bytesOf(
  store: ObjectStore,
  key: string,
  range: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, { range })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
