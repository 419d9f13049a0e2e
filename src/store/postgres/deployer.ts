import { type Deployment, type DeploymentResult, type KnownWorkflow, planDeployment } from "../deployment.ts";
import type { Session } from "./postgres-connection.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { registerVersion } from "./version-registry.ts";
import { listDeployed, lockDeployments, retireWorkflow } from "./workflow.sql.ts";

/** Registers all versions as the latest and retires what is gone, in the transaction that the caller opened. One deployment after the other. */
export async function deploy(session: Session, deployment: Deployment): Promise<DeploymentResult> {
  await session.run(lockDeployments());
  const { changes, retired } = planDeployment(deployment, await knownWorkflows(session));
  const workflows: DeploymentResult["workflows"][number][] = [];
  for (const { version, change } of changes)
    workflows.push({ version: await registerVersion(session, { ...version, latest: true }), change });
  for (const name of retired) await session.run(retireWorkflow({ name: toStoredText(name), at: deployment.at }));
  return { workflows, retired };
}

export async function knownWorkflows(session: Session): Promise<readonly KnownWorkflow[]> {
  const rows = await session.all<{ name: string; latest: string | null; retired: boolean }>(listDeployed());
  return rows.map(({ name, latest, retired }) => ({
    name: fromStoredText(name),
    latest: latest === null ? null : fromStoredText(latest),
    retired,
  }));
}
