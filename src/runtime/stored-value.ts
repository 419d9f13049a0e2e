import { parseArtifactUri } from "../core/artifact-uri.ts";
import { readFrame } from "../core/frame-reader.ts";
import type { Path } from "../core/manifest.ts";
import { decodeValue } from "../core/value-codec.ts";
import { artifactBackend } from "./artifact-backend.ts";
import { ArtifactHandle } from "./artifact-handle.ts";

/** A stored value as a task sees it: references to artifacts can be read. */
export const decodeStored = (text: string, artifactsDir: string): unknown =>
  decodeValue(text, { artifact: ({ uri, size }) => new ArtifactHandle(uri, size, artifactsDir) });

/** What is at `path` in a value that rests as a frame; only that part is read. @throws TuttiError `ARTIFACT_NOT_FOUND` */
export async function readStoredFrame(uri: string, path: Path, artifactsDir: string): Promise<unknown> {
  return artifactBackend(artifactsDir).parts(parseArtifactUri(uri), (read, size) =>
    readFrame(read, size, path, { artifact: (ref) => new ArtifactHandle(ref.uri, ref.size, artifactsDir) }),
  );
}
