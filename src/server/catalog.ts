import { TuttiError } from "../core/errors.ts";
import { isWithin } from "../core/role.ts";
import type { StoreReader, WorkflowSummary } from "../store/reader.ts";
import type { VersionRecord } from "../store/store.ts";
import type { Caller } from "./caller.ts";

const REMEMBERED = 2_000;

export interface Catalogued {
  readonly summary: WorkflowSummary;
  readonly version: VersionRecord;
}

/** The workflows with their latest manifests, and who may see them. A manifest is read once for each version. */
export class Catalog {
  readonly #reader: StoreReader;
  /** By hash. */
  readonly #versions = new Map<string, VersionRecord>();

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** Those that the caller may see, by name. */
  async list(caller: Pick<Caller, "tags">): Promise<readonly Catalogued[]> {
    const found: Catalogued[] = [];
    for (const summary of await this.#reader.listWorkflows()) {
      const version = await this.#latest(summary);
      if (version !== null && isWithin(version.manifest.tags, caller.tags)) found.push({ summary, version });
    }
    return found;
  }

  /** @throws TuttiError `WORKFLOW_NOT_FOUND` also for one that the caller may not see */
  async get(name: string, caller: Pick<Caller, "tags">): Promise<Catalogued> {
    const [found] = await this.#reader.listWorkflows(name);
    const version = found === undefined ? null : await this.#latest(found);
    if (found === undefined || version === null || !isWithin(version.manifest.tags, caller.tags)) throw notFound(name);
    return { summary: found, version };
  }

  /** Names of those that the caller may see; `null`: all. */
  async visible(caller: Pick<Caller, "tags">): Promise<ReadonlySet<string> | null> {
    if (caller.tags === null) return null;
    return new Set((await this.list(caller)).map(({ summary }) => summary.name));
  }

  /** A version by its number. */
  async version(id: number): Promise<VersionRecord | null> {
    for (const version of this.#versions.values()) if (version.id === id) return version;
    return this.#remember(await this.#reader.getVersion(id));
  }

  async #latest({ name, version }: WorkflowSummary): Promise<VersionRecord | null> {
    return this.#versions.get(version) ?? this.#remember(await this.#reader.latestVersion(name));
  }

  #remember(version: VersionRecord | null): VersionRecord | null {
    if (version === null) return null;
    this.#versions.set(version.hash, version);
    if (this.#versions.size > REMEMBERED) this.#versions.delete(this.#versions.keys().next().value!);
    return version;
  }
}

const notFound = (name: string): TuttiError =>
  new TuttiError("WORKFLOW_NOT_FOUND", `There is no workflow "${name}" in this store, or you may not see it.`);
