import type { Config } from "../loader/config.ts";
import type { LoadedProject } from "../loader/loaded-project.ts";
import type { Store, VersionRecord } from "../store/store.ts";

type Versions = Pick<Store, "latestVersion" | "registerVersion">;

/**
 * Which version begins where a task starts a run of another workflow (`ctx.runWorkflow`). Beside one run it is the code as it stands
 * in the project now, as that of the run itself; a process that stays (`tutti start`, `tutti dev`) has registered what counts, and
 * looks at the files for a workflow that the store has never seen. `null`: there is none of that name.
 */
export function calledVersions(
  store: Versions,
  config: Config,
  stays: boolean,
): (workflow: string) => Promise<VersionRecord | null> {
  let project: Promise<LoadedProject> | null = null;
  const here = async (workflow: string): Promise<VersionRecord | null> => {
    const { loadProject } = await import("../loader/load.ts");
    // One that stays sees files that come later; the other is gone before they change.
    project = stays ? loadProject(config) : (project ?? loadProject(config));
    const found = (await project).workflows.get(workflow);
    return found ? store.registerVersion(found.version) : null;
  };
  return async (workflow) =>
    stays
      ? ((await store.latestVersion(workflow)) ?? (await here(workflow)))
      : ((await here(workflow)) ?? (await store.latestVersion(workflow)));
}
