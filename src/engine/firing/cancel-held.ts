import type { Instant } from "../../core/clock.ts";
import type { Store } from "../../store/store.ts";

/** Ends a run that is held back, and that nobody advances for that reason. `false`: it is not. */
export async function cancelHeld(store: Store, runId: string, now: Instant): Promise<boolean> {
  const loaded = await store.loadRun(runId);
  if (loaded === null || loaded.run.state !== "queued" || loaded.run.trigger === "manual") return false;
  const active = await store.schedules.activeRuns(loaded.run.workflow);
  if (!active.some(({ id, held }) => id === runId && held)) return false;
  const [result] = await store.commit([
    {
      runId,
      revision: loaded.run.revision,
      create: null,
      run: { state: "cancelled", cancelRequested: true, endedAt: now },
      inserts: [],
      changes: [],
      attempts: [],
      drawers: [],
    },
  ]);
  return result!.applied;
}
