import type { ArtifactPlace } from "../../core/artifact-uri.ts";
import type { Instant } from "../../core/clock.ts";
import { isStoreUrl } from "../../objects/store-url.ts";
import { ArtifactFolders } from "./artifact-folders.ts";
import { ArtifactObjects } from "./artifact-objects.ts";

/** Whose files stay: the attempt whose result was recorded. */
export interface KeptAttempt {
  readonly taskRunId: number;
  readonly claim: number;
}

export interface StoredArtifact extends ArtifactPlace {
  /** Bytes. */
  readonly size: number;
}

/**
 * The artifacts of a project, as `<run>/<task run>-<claim>/<name>` in a folder or in a store of objects. Written by tasks in their process; here
 * they are found, swept and pruned.
 */
export interface ArtifactStore {
  /** Bytes; `null`: it is not there. @throws TuttiError `ARTIFACT_NOT_FOUND`, `BAD_NAME` for what is no URI of an artifact. */
  sizeOf(uri: string): Promise<number | null>;
  /** Everything that attempts of a run wrote, also what no result refers to. @throws TuttiError `BAD_NAME` for what is no run id. */
  list(runId: string): AsyncIterable<StoredArtifact>;
  /** Its bytes, as they come. @throws TuttiError `ARTIFACT_NOT_FOUND`, `BAD_NAME` */
  read(uri: string): AsyncIterable<Uint8Array>;
  /**
   * Removes what attempts left whose result was not recorded: they failed, or their worker died. For runs that have no task running.
   *
   * @returns How many attempts' artifacts went.
   */
  sweep(runId: string, keep: Iterable<KeptAttempt>): Promise<number>;
  /** Removes all artifacts of a run. */
  removeRun(runId: string): Promise<void>;
  /** Runs that nothing was written for since a moment, as many as `limit`, also those that the store of runs no longer knows. */
  oldRuns(before: Instant, limit: number): AsyncIterable<string>;
}

/** @param where A folder's path, or a store's URL. */
export const artifactStoreAt = (where: string): ArtifactStore =>
  isStoreUrl(where) ? new ArtifactObjects(where) : new ArtifactFolders(where);
