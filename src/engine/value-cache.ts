import { decodeValue, encodeValue, readPath } from "../core/value-codec.ts";
import type { Path } from "../core/manifest.ts";
import type { Store, TaskRunOutput } from "../store/store.ts";

/** Outputs of task runs on their way to readers: bounded, least recently used first out; what is gone is read from the store again. */
export class ValueCache {
  readonly #store: Pick<Store, "readOutputs">;
  readonly #maxBytes: number;
  readonly #outputs = new Map<number, TaskRunOutput | null>();
  #bytes = 0;
  /** The lists that are being mapped over just now, decoded once for all their elements. */
  readonly #decoded = new Map<string, unknown>();

  constructor(store: Pick<Store, "readOutputs">, maxBytes = 32 * 1024 * 1024) {
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  /** `null`: it succeeded without a value. */
  put(taskRunId: number, output: TaskRunOutput | null): void {
    this.drop(taskRunId);
    this.#outputs.set(taskRunId, output);
    this.#bytes += sizeOf(output);
    if (this.#bytes <= this.#maxBytes) return;
    for (const oldest of this.#outputs.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === taskRunId) break;
      this.drop(oldest);
    }
  }

  get(taskRunId: number): TaskRunOutput | null | undefined {
    const output = this.#outputs.get(taskRunId);
    if (output === undefined) return undefined;
    this.#outputs.delete(taskRunId);
    this.#outputs.set(taskRunId, output);
    return output;
  }

  has(taskRunId: number): boolean {
    return this.#outputs.has(taskRunId);
  }

  /** Outputs of these task runs: from the cache, and the missing ones in one read. They need not fit the cache together. */
  async read(taskRunIds: readonly number[]): Promise<ReadonlyMap<number, TaskRunOutput | null>> {
    const found = new Map<number, TaskRunOutput | null>();
    const missing: number[] = [];
    for (const id of taskRunIds) {
      const known = this.get(id);
      if (known === undefined) missing.push(id);
      else found.set(id, known);
    }
    const read = missing.length > 0 ? await this.#store.readOutputs(missing) : new Map<number, TaskRunOutput>();
    for (const id of missing) {
      const output = read.get(id) ?? null;
      found.set(id, output);
      this.put(id, output);
    }
    return found;
  }

  /** The part of an encoded value at a path, encoded again. `key` names the value: it is decoded once while its parts are asked for. */
  part(key: string, text: string, path: Path): string {
    let value = this.#decoded.get(key);
    if (value === undefined) {
      // The oldest goes: a list beside many others must not be decoded again for each of its elements.
      for (const oldest of this.#decoded.keys()) if (this.#decoded.size >= MAX_DECODED) this.#decoded.delete(oldest);
      value = decodeValue(text);
      this.#decoded.set(key, value);
    }
    return encodeValue(readPath(value, path));
  }

  forget(taskRunIds: Iterable<number>): void {
    for (const id of taskRunIds) this.drop(id);
  }

  drop(taskRunId: number): void {
    const output = this.#outputs.get(taskRunId);
    if (output === undefined) return;
    this.#bytes -= sizeOf(output);
    this.#outputs.delete(taskRunId);
  }
}

const MAX_DECODED = 32;
const ROW_BYTES = 64;

function sizeOf(output: TaskRunOutput | null): number {
  let bytes = ROW_BYTES;
  if (output?.value.kind === "inline") bytes += output.value.text.length;
  if (!output?.lists) return bytes;
  for (const report of Object.values(output.lists))
    if ("value" in report && report.value?.kind === "inline") bytes += report.value.text.length;
  return bytes;
}
