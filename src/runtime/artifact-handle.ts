import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ARTIFACT, type ArtifactRefData } from "../core/artifact-ref.ts";
import { TuttiError } from "../core/errors.ts";
import type { ArtifactRef } from "../authoring/artifact.ts";
import { artifactFile } from "./artifact-folder.ts";

/** What a task gets of an artifact on this machine. Crosses tasks as its `uri` and `size`. */
export class ArtifactHandle implements ArtifactRef, ArtifactRefData {
  readonly [ARTIFACT] = true;
  readonly uri: string;
  readonly size: number;
  readonly #artifactsDir: string;

  constructor(uri: string, size: number, artifactsDir: string) {
    this.uri = uri;
    this.size = size;
    this.#artifactsDir = artifactsDir;
  }

  async bytes(): Promise<Uint8Array> {
    return readFile(this.#file()).catch((error: unknown) => this.#fail(error));
  }

  async json<T>(): Promise<T> {
    return JSON.parse(Buffer.from(await this.bytes()).toString()) as T;
  }

  stream(): ReadableStream<Uint8Array> {
    return Readable.toWeb(createReadStream(this.#file())) as ReadableStream<Uint8Array>;
  }

  async *rows<T>(): AsyncIterable<T> {
    const input = createReadStream(this.#file());
    // `readline` does not pass on what its input throws.
    const broken = new Promise<never>((_, reject) => input.once("error", reject));
    broken.catch(() => {});
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        if (line !== "") yield JSON.parse(line) as T;
      if (input.errored) await broken;
    } catch (error) {
      this.#fail(error);
    } finally {
      input.destroy();
    }
  }

  #file(): string {
    return artifactFile(this.#artifactsDir, this.uri);
  }

  #fail(error: unknown): never {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new TuttiError(
      "ARTIFACT_NOT_FOUND",
      `Artifact ${this.uri} is not in ${this.#artifactsDir}. Was it pruned, or the folder moved?`,
      { cause: error },
    );
  }
}
