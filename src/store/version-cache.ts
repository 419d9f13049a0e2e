import type { VersionRecord } from "./store.ts";

const REMEMBERED = 50;

/** Versions that were read last: one never changes, and its manifest takes the longest to take apart. */
export class VersionCache {
  readonly #known = new Map<number, VersionRecord>();

  get(id: number): VersionRecord | undefined {
    return this.#known.get(id);
  }

  keep(version: VersionRecord): VersionRecord {
    this.#known.delete(version.id);
    this.#known.set(version.id, version);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return version;
  }
}
