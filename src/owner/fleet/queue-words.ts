import { didYouMean } from "../../authoring/nearest.ts";
import type { ProcessRecord } from "../../store/process-list.ts";

/** The queue of tasks that name none. */
export const DEFAULT_QUEUE = "default";

/** About queues that a worker takes from and no deployed task names: perhaps a slip, perhaps a deployment that is to come. */
export function unknownQueues(taken: readonly string[], named: readonly (string | null)[]): readonly string[] {
  const known = named.map((queue) => queue ?? DEFAULT_QUEUE);
  // Before anything is deployed every queue is unknown.
  if (known.length === 0) return [];
  return taken
    .filter((queue) => queue !== DEFAULT_QUEUE && !known.includes(queue))
    .map((queue) => `No deployed task names the queue "${queue}".${didYouMean(queue, known)}`);
}

/** Queues that deployed tasks name and no living worker takes from. */
export function unservedQueues(named: readonly (string | null)[], alive: readonly ProcessRecord[]): readonly string[] {
  const served = new Set(alive.flatMap(({ roles, queues }) => (roles.includes("worker") ? queues : [])));
  return named.map((queue) => queue ?? DEFAULT_QUEUE).filter((queue) => !served.has(queue));
}
