import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ArtifactPlace, artifactUri } from "../core/artifact-uri.ts";
import { TuttiError } from "../core/errors.ts";
import type { ReadBytes } from "../core/frame-reader.ts";
import type { ArtifactBackend } from "./artifact-backend.ts";

/** Where on this machine the folder of one attempt's artifacts is. */
export const attemptFolder = (artifactsDir: string, { runId, taskRunId, claim }: Omit<ArtifactPlace, "name">): string =>
  join(artifactsDir, runId, `${taskRunId}-${claim}`);

/** Artifacts as files: whole and on the disk before their reference exists. */
export class ArtifactFolder implements ArtifactBackend {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async write(place: ArtifactPlace, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    const folder = attemptFolder(this.#dir, place);
    await mkdir(folder, { recursive: true });
    const half = join(folder, `.half-${place.name}`);
    try {
      const size = await writeFile(half, chunks);
      await rename(half, join(folder, place.name));
      await syncFolder(folder);
      return size;
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }

  async *read(place: ArtifactPlace): AsyncIterable<Uint8Array> {
    const stream = createReadStream(this.#file(place));
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      this.#fail(error, place);
    } finally {
      stream.destroy();
    }
  }

  async bytes(place: ArtifactPlace): Promise<Uint8Array> {
    return readFile(this.#file(place)).catch((error: unknown) => this.#fail(error, place));
  }

  async parts<R>(place: ArtifactPlace, work: (read: ReadBytes, size: number) => Promise<R>): Promise<R> {
    const file = await open(this.#file(place)).catch((error: unknown) => this.#fail(error, place));
    try {
      const { size } = await file.stat();
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      return await work(read, size);
    } finally {
      await file.close();
    }
  }

  async removeAttempt(attempt: Omit<ArtifactPlace, "name">): Promise<void> {
    await rm(attemptFolder(this.#dir, attempt), { recursive: true, force: true });
  }

  #file(place: ArtifactPlace): string {
    return join(attemptFolder(this.#dir, place), place.name);
  }

  #fail(error: unknown, place: ArtifactPlace): never {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new TuttiError(
      "ARTIFACT_NOT_FOUND",
      `Artifact ${artifactUri(place)} is not in ${this.#dir}. Was it pruned, or the folder moved?`,
      { cause: error },
    );
  }
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "w");
  try {
    let size = 0;
    for await (const chunk of chunks) size += await writeAll(file, chunk);
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<number> {
  for (let written = 0; written < chunk.byteLength;) written += (await file.write(chunk, written)).bytesWritten;
  return chunk.byteLength;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
