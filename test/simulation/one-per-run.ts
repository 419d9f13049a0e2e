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
  for (const part of parts) {
    const results = await store.commit(part);
    await committed(part, results);
    all.push(...results);
  }
  return all;
}
