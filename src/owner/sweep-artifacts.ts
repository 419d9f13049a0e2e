import type { ArtifactStore } from "../engine/artifacts/artifact-store.ts";
import type { Store } from "../store/store.ts";

/** Removes what the attempts of an ended run left without a recorded result: they failed, or their process died. */
export async function sweepArtifacts(store: Store, artifacts: ArtifactStore, runId: string): Promise<void> {
  const stored = await store.loadRun(runId);
  if (stored === null) return artifacts.removeRun(runId);
  const kept = stored.taskRuns
    .filter(({ state }) => state === "succeeded")
    .map(({ id, claim }) => ({ taskRunId: id, claim }));
  await artifacts.sweep(runId, kept);
}
