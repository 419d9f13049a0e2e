import type { ArtifactStore } from "../engine/artifacts/artifact-store.ts";
import type { Store } from "../store/store.ts";

/** Removes what the attempts of an ended run left without a recorded result: they failed, or their process died. */
export async function sweepArtifacts(store: Store, artifacts: ArtifactStore, runId: string): Promise<void> {
  const stored = await store.loadRun(runId);
  if (stored === null) return artifacts.removeRun(runId);
  const recorded = stored.taskRuns
    .filter(({ state }) => state === "succeeded")
    .map(({ id, claim, firstClaim }) => ({ taskRunId: id, firstClaim: firstClaim ?? claim, claim }));
  // What another run has taken stays, also when the task run itself was made anew since.
  const kept = [...recorded, ...(await store.cache.usedAttempts(runId))]
    // An attempt that waited goes on under another claim.
    .flatMap(({ taskRunId, firstClaim, claim }) =>
      Array.from({ length: claim - firstClaim + 1 }, (_, before) => ({ taskRunId, claim: claim - before })),
    );
  // What the body of a flow gave to others stands under no claim.
  const given = stored.taskRuns
    .filter(({ mapIndex }) => mapIndex === null)
    .map(({ id: taskRunId }) => ({ taskRunId, claim: 0 }));
  await artifacts.sweep(runId, [...kept, ...given]);
}
