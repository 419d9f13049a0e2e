import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArtifactUri } from "../../core/artifact-uri.ts";
import { TuttiError } from "../../core/errors.ts";

/** Whose files stay: the attempt whose result was recorded. */
export interface KeptAttempt {
  readonly taskRunId: number;
  readonly claim: number;
}

/**
 * The artifacts of a project on this machine: `<dir>/artifacts/<run>/<task run>-<claim>/<name>`. Written by tasks in their
 * process; here they are found, swept and pruned.
 */
export class ArtifactStore {
  /** The folder that children are given. */
  readonly folder: string;

  /** `folder`: where the configuration put them, when that is elsewhere. */
  constructor(dir: string, folder = join(dir, "artifacts")) {
    this.folder = folder;
  }

  /** Where an artifact is. @throws TuttiError `ARTIFACT_NOT_FOUND`, `BAD_NAME`. */
  fileOf(uri: string): string {
    const { runId, taskRunId, claim, name } = parseArtifactUri(uri);
    return join(this.folder, runId, `${taskRunId}-${claim}`, name);
  }

  /** Bytes; `null`: it is not there. */
  async sizeOf(uri: string): Promise<number | null> {
    const found = await stat(this.fileOf(uri)).catch(() => null);
    return found?.isFile() === true ? found.size : null;
  }

  /**
   * Removes what attempts left whose result was not recorded: they failed, or their worker died. For runs that have no task running.
   *
   * @returns How many attempts' folders went.
   */
  async sweep(runId: string, keep: Iterable<KeptAttempt>): Promise<number> {
    const kept = new Set([...keep].map(({ taskRunId, claim }) => `${taskRunId}-${claim}`));
    const folders = await readdir(this.#runFolder(runId)).catch(() => []);
    const orphans = folders.filter((folder) => /^\d+-\d+$/.test(folder) && !kept.has(folder));
    await Promise.all(
      orphans.map((folder) => rm(join(this.#runFolder(runId), folder), { recursive: true, force: true })),
    );
    return orphans.length;
  }

  /** Removes all artifacts of a run. */
  async removeRun(runId: string): Promise<void> {
    await rm(this.#runFolder(runId), { recursive: true, force: true });
  }

  #runFolder(runId: string): string {
    if (!/^[0-9a-z]{1,64}$/.test(runId)) throw new TuttiError("BAD_NAME", `${JSON.stringify(runId)} is no run id.`);
    return join(this.folder, runId);
  }
}
