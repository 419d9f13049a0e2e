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

/** Hands out the connections that a workflow declares and the configuration has. What is secret in them is masked from here on. */
export function answerConnections(
  child: Child,
  asked: Asked<"connections">,
  settings: HostSettings,
  secrets: HostSecrets,
): void {
  const urls: Record<string, string> = {};
  for (const name of asked.names) {
    const url = settings.connections(name);
    if (url === null) continue;
    urls[name] = url;
    secrets.addConnection(url);
  }
  child.send({ kind: "connections", request: asked.request, urls });
  child.flush();
}
