import { type Deployment, type DeploymentResult, type KnownWorkflow, planDeployment } from "../deployment.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { registerVersion } from "./version-registry.ts";
import { listDeployed, retireWorkflow } from "./workflow.sql.ts";

/** Registers all versions as the latest and retires what is gone, in the transaction that the caller opened. */
export function deploy(connection: SqliteConnection, deployment: Deployment): DeploymentResult {
  const { changes, retired } = planDeployment(deployment, knownWorkflows(connection));
  const workflows = changes.map(({ version, change }) => ({
    version: registerVersion(connection, { ...version, latest: true }),
    change,
  }));
  for (const name of retired) connection.run(retireWorkflow({ name, at: deployment.at }));
  return { workflows, retired };
}

export const knownWorkflows = (connection: SqliteConnection): readonly KnownWorkflow[] =>
  connection
    .all<{ name: string; latest: string | null; retired: number }>(listDeployed())
    .map(({ name, latest, retired }) => ({ name, latest, retired: retired === 1 }));
