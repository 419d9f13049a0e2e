import type { Instant } from "../core/clock.ts";
import type { NewVersion, VersionRecord } from "./store.ts";

/** Everything a project has now. What was deployed before and is not among it is retired. */
export interface Deployment {
  /** One for each workflow. */
  readonly versions: readonly NewVersion[];
  readonly at: Instant;
  /** Workflows that are not retired although they are not among them: their files did not load. Default: none. */
  readonly keep?: readonly string[];
}

/** What a store knows about a workflow. */
export interface KnownWorkflow {
  readonly name: string;
  /** The hash of the version that was deployed last; `null`: none was, it was only run by hand. */
  readonly latest: string | null;
  readonly retired: boolean;
}

/** What a deployment does to a workflow. */
export type DeploymentChange = "new" | "changed" | "unchanged" | "back";

export interface DeploymentPlan {
  readonly changes: readonly { readonly version: NewVersion; readonly change: DeploymentChange }[];
  /** Names of workflows that schedules no longer start. Their runs go on, and their history stays. */
  readonly retired: readonly string[];
}

export interface DeploymentResult {
  readonly workflows: readonly { readonly version: VersionRecord; readonly change: DeploymentChange }[];
  readonly retired: readonly string[];
}

export function planDeployment(
  { versions, keep = [] }: Pick<Deployment, "versions" | "keep">,
  known: readonly KnownWorkflow[],
): DeploymentPlan {
  const before = new Map(known.map((workflow) => [workflow.name, workflow]));
  const kept = new Set([...versions.map(({ manifest }) => manifest.name), ...keep]);
  return {
    changes: versions.map((version) => ({ version, change: changeOf(version, before.get(version.manifest.name)) })),
    retired: known
      .filter(({ name, latest, retired }) => latest !== null && !retired && !kept.has(name))
      .map(({ name }) => name),
  };
}

function changeOf({ hash }: NewVersion, before: KnownWorkflow | undefined): DeploymentChange {
  if (before === undefined || before.latest === null) return "new";
  if (before.retired) return "back";
  return before.latest === hash ? "unchanged" : "changed";
}
