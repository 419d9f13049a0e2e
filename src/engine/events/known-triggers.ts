import type { Store, VersionRecord } from "../../store/store.ts";
import { hearsOf, type KnownTrigger, knownTrigger } from "./known-trigger.ts";

/** All triggers of a store, as this process last read them. */
export class KnownTriggers {
  readonly #store: Pick<Store, "events" | "getVersion">;
  #all: readonly KnownTrigger[] = [];
  #bySubject = new Map<string, readonly KnownTrigger[]>();
  readonly #versions = new Map<number, VersionRecord>();
  #isStale = true;
  #reading: Promise<void> | null = null;

  constructor(store: Pick<Store, "events" | "getVersion">) {
    this.#store = store;
  }

  get all(): readonly KnownTrigger[] {
    return this.#all;
  }

  of(workflow: string): KnownTrigger | undefined {
    return this.#all.find(({ record }) => record.workflow === workflow);
  }

  hearing(subject: string): readonly KnownTrigger[] {
    return this.#bySubject.get(subject) ?? [];
  }

  /** What is known of them may be wrong by now. */
  outdate(): void {
    this.#isStale = true;
  }

  /** Reads them when they are out of date: then `all` is another list. */
  async refresh(): Promise<void> {
    // Whoever asks meanwhile waits for what is being read: what was known before may be nothing.
    while (this.#isStale || this.#reading !== null) {
      this.#reading ??= this.#read().finally(() => (this.#reading = null));
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    this.#isStale = false;
    try {
      const known: KnownTrigger[] = [];
      for (const record of await this.#store.events.subscriptions()) {
        const version = await this.#version(record.versionId);
        // The latest version changed between two reads: whoever changed it says so.
        const trigger = version && knownTrigger(record, version);
        if (trigger) known.push(trigger);
      }
      this.#all = known;
      const used = new Set(known.map(({ version }) => version.id));
      for (const id of this.#versions.keys()) if (!used.has(id)) this.#versions.delete(id);
      this.#bySubject = new Map();
      for (const trigger of known)
        for (const subject of hearsOf(trigger))
          this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), trigger]);
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  async #version(id: number): Promise<VersionRecord | null> {
    const version = this.#versions.get(id) ?? (await this.#store.getVersion(id));
    if (version !== null) this.#versions.set(id, version);
    return version;
  }
}
