import { type ArtifactPlace, artifactUri } from "../core/artifact-uri.ts";
import { TuttiError } from "../core/errors.ts";
import type { ReadBytes } from "../core/frame-reader.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { ArtifactBackend } from "./artifact-backend.ts";

/** Artifacts as objects, under the same paths as in a folder. What speaks with the store is loaded by the first one. */
export class ArtifactObjects implements ArtifactBackend {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async write(place: ArtifactPlace, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    return await (await this.#store()).write(keyOf(place), chunks);
  }

  async *read(place: ArtifactPlace): AsyncIterable<Uint8Array> {
    const store = await this.#store();
    try {
      yield* store.read(keyOf(place));
    } catch (error) {
      fail(error, place, store);
    }
  }

  async bytes(place: ArtifactPlace): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.read(place)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async parts<R>(place: ArtifactPlace, work: (read: ReadBytes, size: number) => Promise<R>): Promise<R> {
    const store = await this.#store();
    const found = await store.head(keyOf(place));
    if (found === null) fail(Object.assign(new Error("absent"), { code: "OBJECT_NOT_FOUND" }), place, store);
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      // A store refuses a range that begins after the end; a file gives nothing.
      const range = { offset, length: Math.min(length, Math.max(0, found.size - offset)) };
      for await (const chunk of store.read(keyOf(place), { range })) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    return await work(read, found.size);
  }

  async removeAttempt({ runId, taskRunId, claim }: Omit<ArtifactPlace, "name">): Promise<void> {
    const store = await this.#store();
    const keys: string[] = [];
    for await (const { key } of store.list(`${runId}/${taskRunId}-${claim}/`)) keys.push(key);
    await store.delete(keys);
  }

  async #store(): Promise<ObjectStore> {
    const { objectsAt } = await import("../objects/objects-at.ts");
    return await objectsAt("The artifact store", this.#url);
  }
}

const keyOf = ({ runId, taskRunId, claim, name }: ArtifactPlace): string => `${runId}/${taskRunId}-${claim}/${name}`;

function fail(error: unknown, place: ArtifactPlace, store: ObjectStore): never {
  if ((error as TuttiError).code !== "OBJECT_NOT_FOUND") throw error;
  throw new TuttiError(
    "ARTIFACT_NOT_FOUND",
    `Artifact ${artifactUri(place)} is not in ${store.name}. Was it pruned, or the store moved?`,
    { cause: error },
  );
}
