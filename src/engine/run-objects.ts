import type { Instant } from "../core/clock.ts";
import { instantOfRunId } from "../core/run-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";

/** A request deletes as many. */
const DELETED_AT_ONCE = 1_000;

/** All objects whose key begins so. */
export async function removeAll(store: ObjectStore, prefix: string): Promise<void> {
  let keys: string[] = [];
  for await (const { key } of store.list(prefix)) {
    if (keys.push(key) < DELETED_AT_ONCE) continue;
    await store.delete(keys);
    keys = [];
  }
  await store.delete(keys);
}

/** Runs, of a store that has a folder for each, that nothing was written for since a moment. */
export async function* oldRunsIn(store: ObjectStore, before: Instant, limit: number): AsyncIterable<string> {
  let found = 0;
  for await (const runId of store.folders("")) {
    if (found === limit) return;
    // Its id says when it began, without a request; nothing was written before.
    if (!/^[0-9a-z]{26}$/.test(runId) || instantOfRunId(runId) >= before) continue;
    if (!(await isOlder(store, runId, before))) continue;
    found += 1;
    yield runId;
  }
}

async function isOlder(store: ObjectStore, runId: string, before: Instant): Promise<boolean> {
  for await (const { modified } of store.list(`${runId}/`)) if (modified.getTime() * 1000 >= before) return false;
  return true;
}
