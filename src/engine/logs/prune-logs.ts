import { rm } from "node:fs/promises";
import type { Instant } from "../../core/clock.ts";
import { oldRunsIn, removeAll } from "../run-objects.ts";
import { logObjects } from "./log-objects.ts";
import { runLogFolder } from "./log-place.ts";

/** Removes all that was written about a run: on this machine, and in the store of logs where there is one. */
export async function removeRunLogs(dir: string, runId: string, store: string | null = null): Promise<void> {
  await rm(runLogFolder(dir, runId), { recursive: true, force: true });
  if (store !== null) await removeAll(await logObjects(store), `${runId}/`);
}

/** Runs in the store of logs that nothing was written about since a moment. */
export async function* oldShippedRuns(store: string, before: Instant, limit: number): AsyncIterable<string> {
  yield* oldRunsIn(await logObjects(store), before, limit);
}
