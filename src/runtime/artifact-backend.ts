import type { ArtifactPlace } from "../core/artifact-uri.ts";
import type { ReadBytes } from "../core/frame-reader.ts";
import { isStoreUrl } from "../objects/store-url.ts";
import { ArtifactFolder } from "./artifact-folder.ts";
import { ArtifactObjects } from "./artifact-objects.ts";

/** Where the artifacts of a project rest: a folder of this machine, or a store of objects that every machine reaches. */
export interface ArtifactBackend {
  /** Gives its size; whole, and safe from a crash, when it resolves. What fails leaves nothing. */
  write(place: ArtifactPlace, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** @throws TuttiError `ARTIFACT_NOT_FOUND` when it is read. */
  read(place: ArtifactPlace): AsyncIterable<Uint8Array>;
  bytes(place: ArtifactPlace): Promise<Uint8Array>;
  /** For what reads a few parts of it. */
  parts<R>(place: ArtifactPlace, work: (read: ReadBytes, size: number) => Promise<R>): Promise<R>;
  /** All that one attempt has written. */
  removeAttempt(attempt: Omit<ArtifactPlace, "name">): Promise<void>;
}

const backends = new Map<string, ArtifactBackend>();

/** @param where A folder's path, or a store's URL. */
export function artifactBackend(where: string): ArtifactBackend {
  let backend = backends.get(where);
  if (backend === undefined)
    backends.set(where, (backend = isStoreUrl(where) ? new ArtifactObjects(where) : new ArtifactFolder(where)));
  return backend;
}
