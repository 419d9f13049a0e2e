import type { GroupResult, RunGroup, Store } from "../../src/store/store.ts";

/** Of a run whoever looks on sees one group at a time: a commit, in parts that hold one group of a run each. */
export async function commitOnePerRun(
  store: Pick<Store, "commit">,
  groups: readonly RunGroup[],
  committed: (part: readonly RunGroup[], results: readonly GroupResult[]) => Promise<void>,
): Promise<readonly GroupResult[]> {
  const parts: RunGroup[][] = [[]];
  for (const group of groups) {
    if (parts.at(-1)!.some(({ runId }) => runId === group.runId)) parts.push([]);
    parts.at(-1)!.push(group);
  }
  const all: GroupResult[] = [];
  const dropped = new Set<string>();
  for (const part of parts) {
    // As the store does it within one commit.
    const kept = part.filter(({ runId, follows }) => follows !== true || !dropped.has(runId));
    const results = await store.commit(kept);
    await committed(kept, results);
    for (const group of part) all.push(results[kept.indexOf(group)] ?? { applied: false, ids: [] });
    for (const [place, { runId }] of kept.entries()) if (!results[place]!.applied) dropped.add(runId);
  }
  return all;
}
