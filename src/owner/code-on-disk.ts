import { TuttiError } from "../core/errors.ts";
import type { Config } from "../loader/config.ts";
import { materializeVersion } from "../loader/materialize.ts";
import type { Store, VersionRecord } from "../store/store.ts";

/** Fetches the code of a version from the store to this machine's disk, where its processes import it. */
export const codeOnDisk =
  (store: Store, { stateDir, root }: Config) =>
  async (version: VersionRecord): Promise<string> => {
    const bundle = await store.getBundle(version.bundleHash);
    if (bundle === null)
      throw new TuttiError(
        "VERSION_NOT_FOUND",
        `The code of workflow "${version.workflow}", version "${version.hash}", is no longer in the store.`,
      );
    return materializeVersion({ bundle, manifest: version.manifest }, stateDir, root);
  };
