import { whoOwns } from "../store/sqlite/owner-lock.ts";
import type { StoreView } from "../store/store-view.ts";
import type { AnyPlace } from "./any-place.ts";
import { missingRoles } from "./fleet/alive-roles.ts";
import { findOwner } from "./find-owner.ts";

const MANY = 10_000;

/** Those of some unfinished runs that nobody goes on with. */
export async function leftBehind(
  place: AnyPlace,
  reader: Pick<StoreView, "listProcesses">,
  unfinished: readonly string[],
): Promise<ReadonlySet<string>> {
  if (unfinished.length === 0) return new Set();
  if (place.kind !== "sqlite") {
    const missing = missingRoles(await reader.listProcesses(MANY));
    return new Set(missing.includes("scheduler") ? unfinished : []);
  }
  const owner = await findOwner(place.path).catch(() => null);
  const live = (await owner?.status().catch(() => null))?.runs;
  await owner?.close();
  // An owner that does not answer may be at them.
  if (live === undefined && whoOwns(place.path) !== null) return new Set();
  return new Set(unfinished.filter((id) => !live?.includes(id)));
}

/** What makes somebody go on with a run that was left behind; `null`: with all of them. */
export const goOnWith = (place: AnyPlace, runId: string | null): string =>
  place.kind !== "sqlite" ? "tutti start" : `tutti resume${runId === null ? "" : ` ${runId}`}`;
