import type { Child } from "./child.ts";

/** Less than one task: a child that has the code is preferred among those equally busy, never over an idle one. */
const LOADING_COST = 0.5;

/** The child for the next task; `null`: none has room. */
export function placeFor(version: string, children: Iterable<Child>): Child | null {
  let best: Child | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const child of children) {
    if (child.state !== "warm" || child.role !== "shared" || child.free === 0 || child.blockedSince !== null) continue;
    const cost =
      child.tasks.size + (child.versions.has(version) ? 0 : LOADING_COST) + (child.worn ? LOADING_COST / 2 : 0);
    if (cost >= bestCost) continue;
    best = child;
    bestCost = cost;
  }
  return best;
}
