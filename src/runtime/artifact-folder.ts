import { join } from "node:path";
import { type ArtifactPlace, parseArtifactUri } from "../core/artifact-uri.ts";

/** Where on this machine the folder of one attempt's artifacts is. */
export const attemptFolder = (artifactsDir: string, { runId, taskRunId, claim }: Omit<ArtifactPlace, "name">): string =>
  join(artifactsDir, runId, `${taskRunId}-${claim}`);

/** Where on this machine an artifact is. @throws TuttiError as `parseArtifactUri`. */
export function artifactFile(artifactsDir: string, uri: string): string {
  const place = parseArtifactUri(uri);
  return join(attemptFolder(artifactsDir, place), place.name);
}
