import { toErrorData } from "../../core/error-data.ts";
import type { FromChild } from "../../runtime/protocol.ts";
import type { HostListener } from "../worker-host.ts";
import type { Child } from "./child.ts";
import type { HostSecrets } from "./host-secrets.ts";
import type { HostSettings } from "./host-options.ts";

type Asked<K extends FromChild["kind"]> = FromChild & { readonly kind: K };

/** Reads or writes a drawer for a task, and answers its child. */
export async function answerDrawer(child: Child, asked: Asked<"drawer">, listener: HostListener): Promise<void> {
  const { request, taskRunId, claim, drawer, key, value } = asked;
  const answer = await listener.drawer(taskRunId, claim, drawer, key, value).then(
    (text) => ({ value: text, error: null }),
    (error: unknown) => ({ value: null, error: toErrorData(error) }),
  );
  child.send({ kind: "drawer", request, ...answer });
  child.flush();
}

/** Hands out the connections that a workflow declares, those that there are. What is secret in them is masked from here on. */
export async function answerConnections(
  child: Child,
  { request, names, workflow, task }: Asked<"connections">,
  settings: HostSettings,
  secrets: HostSecrets,
): Promise<void> {
  const { values, problems } = await settings.values({ kind: "connection", names, workflow, task });
  for (const url of Object.values(values)) secrets.addConnection(url);
  child.send({ kind: "connections", request, urls: values, problems });
  child.flush();
}

/** Hands out a secret that a task declares, masked from here on. */
export async function answerSecret(
  child: Child,
  { request, name, workflow, taskRunId, claim }: Asked<"secret">,
  settings: HostSettings,
  secrets: HostSecrets,
): Promise<void> {
  const task = { taskRunId, claim };
  const { values, problems } = await settings.values({ kind: "secret", names: [name], workflow, task });
  const value = values[name] ?? null;
  if (value !== null) secrets.addSecret(value);
  child.send({ kind: "secret", request, value, error: problems[name] ?? null });
  child.flush();
}
