import { TuttiError } from "../core/errors.ts";
import type { NewVersion, Store, VersionRecord } from "../store/store.ts";
import type { StoredVersion } from "./run-session.ts";

/** The version of a run that is asked for: registered, unless the store has it. @throws TuttiError `VERSION_NOT_FOUND` */
export async function recordedVersion(
  store: Pick<Store, "registerVersion" | "getVersion">,
  version: NewVersion | StoredVersion,
): Promise<VersionRecord> {
  if ("manifest" in version) return store.registerVersion(version);
  const found = await store.getVersion(version.id);
  if (found?.hash === version.hash) return found;
  throw new TuttiError("VERSION_NOT_FOUND", `The store has no version "${version.hash.slice(0, 8)}" any more.`);
}
