import type { ObjectStore } from "../../objects/object-store.ts";
import { SEGMENT, segmentName } from "./log-place.ts";

const OFFSET_DIGITS = 15;

/** `<run>/<worker>/<offset>.jsonl`: what a worker's segment holds from there on. Keys are in the order of their offsets. */
export const chunkKey = (runId: string, worker: string, offset: number): string =>
  `${runId}/${segmentName(worker)}/${String(offset).padStart(OFFSET_DIGITS, "0")}${SEGMENT}`;

/** The store of logs, loaded when it is first needed. */
export async function logObjects(url: string): Promise<ObjectStore> {
  const { objectsAt } = await import("../../objects/objects-at.ts");
  return await objectsAt("The store of logs", url);
}
