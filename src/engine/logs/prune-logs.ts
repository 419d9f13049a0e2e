import { rm } from "node:fs/promises";
import { runLogFolder } from "./log-place.ts";

/** Removes all that workers on this machine wrote about a run. */
export const removeRunLogs = (dir: string, runId: string): Promise<void> =>
  rm(runLogFolder(dir, runId), { recursive: true, force: true });
