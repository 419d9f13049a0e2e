import { open } from "node:fs/promises";
import { TuttiError } from "../core/errors.ts";
import { readFrame } from "../core/frame-reader.ts";
import type { Path } from "../core/manifest.ts";
import { decodeValue } from "../core/value-codec.ts";
import { artifactFile } from "./artifact-folder.ts";
import { ArtifactHandle } from "./artifact-handle.ts";

/** A stored value as a task sees it: references to artifacts can be read. */
export const decodeStored = (text: string, artifactsDir: string): unknown =>
  decodeValue(text, { artifact: ({ uri, size }) => new ArtifactHandle(uri, size, artifactsDir) });

/** What is at `path` in a value that rests as a frame; only that part is read. */
export async function readStoredFrame(uri: string, path: Path, artifactsDir: string): Promise<unknown> {
  const file = await open(artifactFile(artifactsDir, uri)).catch((error: unknown) => {
    throw new TuttiError(
      "ARTIFACT_NOT_FOUND",
      `A stored value can't be read: ${uri} is not in ${artifactsDir}. Was it pruned, or the folder moved?`,
      { cause: error },
    );
  });
  try {
    const { size } = await file.stat();
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    return await readFrame(read, size, path, {
      artifact: (ref) => new ArtifactHandle(ref.uri, ref.size, artifactsDir),
    });
  } finally {
    await file.close();
  }
}
