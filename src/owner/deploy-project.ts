import { systemClock } from "../core/clock.ts";
import type { Config } from "../loader/config.ts";
import type { LoadedProject } from "../loader/loaded-project.ts";
import type { DeploymentResult } from "../store/deployment.ts";
import type { WorkflowSummary } from "../store/reader.ts";
import { openReader } from "./open-store.ts";
import type { OwnEngine } from "./own-engine.ts";

/** On SQLite its owner registers code: what loads, and of what does not load the last good version stays. */
export async function deployProject(
  engine: OwnEngine,
  config: Config,
  { workflows, errors }: LoadedProject,
): Promise<DeploymentResult> {
  const broken = new Set(errors.map(({ file }) => file));
  const known = errors.length === 0 ? [] : await listWorkflows(config);
  const keep = known
    .filter(({ file, name }) => broken.has(file) || errors.some(({ workflow }) => workflow === name))
    .map(({ name }) => name);
  return engine.deploy({
    versions: [...workflows.values()].map(({ version }) => version),
    at: systemClock.now(),
    keep,
  });
}

async function listWorkflows({ store }: Config): Promise<readonly WorkflowSummary[]> {
  const reader = await openReader(store);
  try {
    return await reader.listWorkflows();
  } finally {
    await reader.close();
  }
}
