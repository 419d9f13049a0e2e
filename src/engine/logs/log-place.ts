import { join } from "node:path";
import { TuttiError } from "../../core/errors.ts";

/** Where the segments of a run are: `<dir>/<run>/<worker>.jsonl`, with `.index` beside each. */
export function runLogFolder(dir: string, runId: string): string {
  if (!/^[0-9a-z]{1,64}$/.test(runId)) throw new TuttiError("BAD_NAME", `${JSON.stringify(runId)} is no run id.`);
  return join(dir, runId);
}

export const SEGMENT = ".jsonl";
export const INDEX = ".index";

/** A worker's name as a file name. */
export const segmentName = (worker: string): string => encodeURIComponent(worker).replaceAll("*", "%2A").slice(0, 200);
