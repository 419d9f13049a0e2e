import type { WorkflowManifest } from "../core/manifest.ts";
import { subjectsOf } from "../core/trigger.ts";

/** What a version hears of, as JSON: name, kind and subjects of each of its triggers. */
export const triggersText = ({ triggers = [] }: Pick<WorkflowManifest, "triggers">): string =>
  JSON.stringify(
    triggers.map((trigger) => ({ name: trigger.name, kind: trigger.kind, subjects: subjectsOf(trigger) })),
  );
