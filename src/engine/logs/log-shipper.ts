import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TuttiError } from "../../core/errors.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { chunkKey, logObjects } from "./log-objects.ts";
import { runLogFolder, SEGMENT, segmentName } from "./log-place.ts";

export interface LogShipperOptions {
  /** The folder of logs. */
  readonly dir: string;
  /** The store's URL. */
  readonly url: string;
  readonly worker: string;
  /** What was written is on its way after this. */
  readonly everyMs: number;
  /** What could not be sent, said once until it works again. */
  readonly onWarning: (warning: TuttiError) => void;
}

interface Shipped {
  bytes: number;
  /** Keys of the objects that hold them. */
  readonly chunks: string[];
}

/**
 * Sends what this worker's segments have grown by to a store of objects, as one object each time, and makes one of them when the run has ended. A
 * dead machine loses what it wrote last. A store that is away fails no run: the lines wait in their file, and go with the next.
 */
export class LogShipper {
  readonly #options: LogShipperOptions;
  readonly #shipped = new Map<string, Shipped>();
  readonly #dirty = new Set<string>();
  readonly #ended = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #broken = false;

  constructor(options: LogShipperOptions) {
    this.#options = options;
  }

  /** A run's segment has grown. */
  grown(runId: string): void {
    this.#dirty.add(runId);
    this.#timer ??= setTimeout(() => void this.#ship(), this.#options.everyMs).unref();
  }

  /** Nothing more will be written about a run. */
  ended(runId: string): void {
    if (!this.#shipped.has(runId) && !this.#dirty.has(runId)) return;
    this.#ended.add(runId);
    this.grown(runId);
  }

  /** Sends what there is. */
  async close(): Promise<void> {
    await this.#ship();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #ship(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // One after another: what is sent begins where the last one ended.
    this.#working = this.#working.then(() => this.#shipAll());
    return this.#working;
  }

  async #shipAll(): Promise<void> {
    const runs = [...this.#dirty];
    this.#dirty.clear();
    for (const runId of runs) {
      try {
        const store = await logObjects(this.#options.url);
        await this.#shipRun(store, runId);
        if (this.#ended.has(runId)) await this.#joinRun(store, runId);
        this.#broken = false;
      } catch (error) {
        this.#warn(runId, error);
        this.grown(runId);
      }
    }
  }

  async #shipRun(store: ObjectStore, runId: string): Promise<void> {
    const shipped = this.#shipped.get(runId) ?? { bytes: 0, chunks: [] };
    const path = this.#segment(runId);
    const size = (await stat(path).catch(() => null))?.size ?? 0;
    if (size <= shipped.bytes) return;
    const key = chunkKey(runId, this.#options.worker, shipped.bytes);
    await store.write(
      key,
      createReadStream(path, { start: shipped.bytes, end: size - 1 }) as AsyncIterable<Uint8Array>,
    );
    shipped.chunks.push(key);
    shipped.bytes = size;
    this.#shipped.set(runId, shipped);
  }

  /** The first object is written anew, with everything; a reader skips what it has seen. Then the others can go. */
  async #joinRun(store: ObjectStore, runId: string): Promise<void> {
    const shipped = this.#shipped.get(runId);
    const [first, ...others] = shipped?.chunks ?? [];
    if (shipped !== undefined && first !== undefined && others.length > 0) {
      const whole = createReadStream(this.#segment(runId), { end: shipped.bytes - 1 });
      await store.write(first, whole as AsyncIterable<Uint8Array>);
      await store.delete(others);
    }
    this.#ended.delete(runId);
    this.#shipped.delete(runId);
  }

  #segment(runId: string): string {
    return join(runLogFolder(this.#options.dir, runId), segmentName(this.#options.worker) + SEGMENT);
  }

  #warn(runId: string, cause: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#options.onWarning(
      new TuttiError("LOG_NOT_SHIPPED", `Log lines of run "${runId}" wait on this machine: ${why}`, { cause }),
    );
  }
}
