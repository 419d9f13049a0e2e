import { createReadStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArtifactUri } from "../../core/artifact-uri.ts";
import type { Instant } from "../../core/clock.ts";
import { isAttemptFolder, isRunFolder, orphansAmong, runFolder } from "./artifact-place.ts";
import type { ArtifactStore, KeptAttempt, StoredArtifact } from "./artifact-store.ts";

/** Artifacts in a folder of this machine. */
export class ArtifactFolders implements ArtifactStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where an artifact is. @throws TuttiError `ARTIFACT_NOT_FOUND`, `BAD_NAME`. */
  fileOf(uri: string): string {
    const { runId, taskRunId, claim, name } = parseArtifactUri(uri);
    return join(this.#folder, runId, `${taskRunId}-${claim}`, name);
  }

  async sizeOf(uri: string): Promise<number | null> {
    const found = await stat(this.fileOf(uri)).catch(() => null);
    return found?.isFile() === true ? found.size : null;
  }

  async *list(runId: string): AsyncIterable<StoredArtifact> {
    const run = join(this.#folder, runFolder(runId));
    for (const folder of await namesIn(run, isAttemptFolder)) {
      const [taskRunId = 0, claim = 0] = folder.split("-").map(Number);
      for (const name of await namesIn(join(run, folder), () => true)) {
        const found = await stat(join(run, folder, name)).catch(() => null);
        if (found?.isFile() === true) yield { runId, taskRunId, claim, name, size: found.size };
      }
    }
  }

  async *read(uri: string): AsyncIterable<Uint8Array> {
    yield* createReadStream(this.fileOf(uri)) as AsyncIterable<Uint8Array>;
  }

  async sweep(runId: string, keep: Iterable<KeptAttempt>): Promise<number> {
    const run = join(this.#folder, runFolder(runId));
    const folders = await readdir(run).catch(() => []);
    const orphans = orphansAmong(folders.filter(isAttemptFolder), keep);
    await Promise.all(orphans.map((folder) => rm(join(run, folder), { recursive: true, force: true })));
    return orphans.length;
  }

  async removeRun(runId: string): Promise<void> {
    await rm(join(this.#folder, runFolder(runId)), { recursive: true, force: true });
  }

  async *oldRuns(before: Instant, limit: number): AsyncIterable<string> {
    let found = 0;
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (found === limit) return;
      if (!isRunFolder(name)) continue;
      const folder = await stat(join(this.#folder, name)).catch(() => null);
      if (folder === null || folder.mtimeMs * 1000 >= before) continue;
      found += 1;
      yield name;
    }
  }
}

/** In order; none where the folder is not there. */
async function namesIn(folder: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter(wanted).sort((a, b) => (a < b ? -1 : 1));
}
