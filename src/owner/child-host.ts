import { ARTIFACTS_VARIABLE } from "../core/artifact-uri.ts";
import { secretsOfUrl } from "../core/masking.ts";
import { ChildProcessHost } from "../engine/children/child-process-host.ts";
import type { Config } from "../loader/config.ts";
import { ownSecrets } from "./secrets/own-secrets.ts";
import type { StoreProviderDeps, StoreWithSecrets } from "./secrets/store-provider.ts";
import { isStoreUrl } from "../objects/store-url.ts";

/** The worker host of this process, as the configuration wants it. `store`: where connections and secrets may be kept. */
export function childHost(
  config: Config,
  name: string,
  notice: (text: string) => void,
  store: StoreWithSecrets | null,
  slots?: number,
  deliver?: StoreProviderDeps["deliver"],
): ChildProcessHost {
  const source = ownSecrets(config, store, deliver);
  const { children, tasksPerChild } = config;
  // A store's URL may hold a key: no process shows it among its arguments.
  const artifacts = isStoreUrl(config.artifactsDir)
    ? { artifactsDir: config.artifactsDir.replace(/\?.*$/s, ""), env: { [ARTIFACTS_VARIABLE]: config.artifactsDir } }
    : { artifactsDir: config.artifactsDir };
  return new ChildProcessHost({
    name,
    projectDir: config.root,
    ...artifacts,
    // Fewer slots than children: fewer children. More than fit: more in each.
    ...(slots === undefined
      ? { children, tasksPerChild }
      : { slots, children: Math.min(children, slots), tasksPerChild: Math.ceil(slots / Math.min(children, slots)) }),
    childVersions: config.childVersions,
    graceMs: config.graceMs,
    maxValueBytes: config.maxValueBytes,
    logAttemptBytes: config.logLimitBytes,
    values: (ask) => source.read(ask),
    tracing: config.telemetry !== null,
    secrets: [
      ...secretsOfUrl(config.artifactsDir),
      ...(config.store.kind === "postgres"
        ? [...secretsOfUrl(config.store.url), ...secretsOfUrl(config.store.directUrl)]
        : []),
    ],
    nodeOptions: config.nodeOptions,
    onWarning: ({ message }) => notice(message),
    onOutput: (line) => notice(line),
  });
}
