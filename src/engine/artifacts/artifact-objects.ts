import { parseArtifactUri } from "../../core/artifact-uri.ts";
import type { Instant } from "../../core/clock.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { oldRunsIn, removeAll } from "../run-objects.ts";
import { isAttemptFolder, orphansAmong, runFolder } from "./artifact-place.ts";
import type { ArtifactStore, KeptAttempt, StoredArtifact } from "./artifact-store.ts";

/** Artifacts in a store of objects, which is loaded when it is first needed. */
export class ArtifactObjects implements ArtifactStore {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async sizeOf(uri: string): Promise<number | null> {
    const { runId, taskRunId, claim, name } = parseArtifactUri(uri);
    return (await (await this.#store()).head(`${runId}/${taskRunId}-${claim}/${name}`))?.size ?? null;
  }

  async *list(runId: string): AsyncIterable<StoredArtifact> {
    for await (const { key, size } of (await this.#store()).list(`${runFolder(runId)}/`)) {
      const [, taskRunId, claim, name] = /^[^/]+\/(\d+)-(\d+)\/([^/]+)$/.exec(key) ?? [];
      if (name !== undefined) yield { runId, taskRunId: Number(taskRunId), claim: Number(claim), name, size };
    }
  }

  async *read(uri: string): AsyncIterable<Uint8Array> {
    const { runId, taskRunId, claim, name } = parseArtifactUri(uri);
    yield* (await this.#store()).read(`${runId}/${taskRunId}-${claim}/${name}`);
  }

  async sweep(runId: string, keep: Iterable<KeptAttempt>): Promise<number> {
    const store = await this.#store();
    const folders: string[] = [];
    for await (const name of store.folders(runFolder(runId))) if (isAttemptFolder(name)) folders.push(name);
    const orphans = orphansAmong(folders, keep);
    for (const folder of orphans) await removeAll(store, `${runId}/${folder}/`);
    return orphans.length;
  }

  async removeRun(runId: string): Promise<void> {
    await removeAll(await this.#store(), `${runFolder(runId)}/`);
  }

  async *oldRuns(before: Instant, limit: number): AsyncIterable<string> {
    yield* oldRunsIn(await this.#store(), before, limit);
  }

  async #store(): Promise<ObjectStore> {
    const { objectsAt } = await import("../../objects/objects-at.ts");
    return await objectsAt("The artifact store", this.#url);
  }
}
