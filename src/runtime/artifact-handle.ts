import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ArtifactRef } from "../authoring/artifact.ts";
import { ARTIFACT, type ArtifactRefData } from "../core/artifact-ref.ts";
import { parseArtifactUri } from "../core/artifact-uri.ts";
import { artifactBackend } from "./artifact-backend.ts";

/** What a task gets of an artifact, wherever it rests. Crosses tasks as its `uri` and `size`. */
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
    return artifactBackend(this.#artifactsDir).bytes(parseArtifactUri(this.uri));
  }

  async json<T>(): Promise<T> {
    return JSON.parse(Buffer.from(await this.bytes()).toString()) as T;
  }

  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from<Uint8Array>(this.#chunks());
  }

  async *rows<T>(): AsyncIterable<T> {
    const input = Readable.from(this.#chunks(), { objectMode: false });
    // `readline` does not pass on what its input throws.
    const broken = new Promise<never>((_, reject) => input.once("error", reject));
    broken.catch(() => {});
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        if (line !== "") yield JSON.parse(line) as T;
      if (input.errored) await broken;
    } finally {
      input.destroy();
    }
  }

  #chunks(): AsyncIterable<Uint8Array> {
    return artifactBackend(this.#artifactsDir).read(parseArtifactUri(this.uri));
  }
}
