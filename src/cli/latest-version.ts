import type { AnyConfig } from "../owner/any-place.ts";
import type { VersionView } from "../store/store-view.ts";
import { workflowNotRegistered } from "./output/not-registered.ts";
import { viewing } from "./reading.ts";

/** The version of a workflow that the store has as its latest. @throws TuttiError `WORKFLOW_NOT_REGISTERED` */
export const latestVersion = (config: AnyConfig, name: string): Promise<VersionView> =>
  viewing(config, async (view) => {
    const version = await view.latestVersion(name);
    if (version !== null) return version;
    const known = await view.listWorkflows();
    throw workflowNotRegistered(
      name,
      known.map((workflow) => workflow.name),
    );
  });
