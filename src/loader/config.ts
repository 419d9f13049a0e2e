import { availableParallelism } from "node:os";
import { inspect } from "node:util";
import { join, resolve } from "node:path";
import { isStoreUrl } from "../objects/store-url.ts";
import { findProject, readConfigFile } from "./config-file.ts";
import type { OidcSettings } from "./config-oidc.ts";
import type { SecretPlace } from "./config-secrets.ts";
import type { Webhooks } from "./config-webhooks.ts";
import { shownPlace, type StorePlace } from "./config-store.ts";
import type { LineageSettings, TelemetrySettings } from "./config-telemetry.ts";
import type { RetentionConfig, TuttiConfig } from "./define-config.ts";
import { type ConfigSources, FieldReader } from "./field-reader.ts";
import { maskUrl } from "./mask-url.ts";

/** The configuration a command works with: checked, complete, paths absolute. */
export interface Config {
  /** The project's folder: that of the configuration file; without one, the nearest with `.tutti/`, `pipelines/` or a package.json. */
  readonly root: string;
  /** The configuration file; `null`: there is none. */
  readonly configFile: string | null;
  readonly stateDir: string;
  /** It may hold a password: printing a config shows it masked. */
  readonly store: StorePlace;
  readonly pipelinesDir: string;
  /** A folder, or the URL of a store of objects, which may hold a key: printing a config shows it masked. */
  readonly artifactsDir: string;
  readonly logsDir: string;
  /** The URL of a store that logs are sent to as well, complete like that of `artifactsDir`; `null`: none. */
  readonly logStore: string | null;
  /** URLs by name. They may hold passwords: printing a config shows them masked. */
  readonly connections: Readonly<Record<string, string>>;
  /** Slots by name of pool. */
  readonly pools: Readonly<Record<string, number>>;
  /** Who keeps connections and secrets that neither the environment nor `connections` has, in the order in which they are asked. */
  readonly secrets: readonly SecretPlace[];
  /** Where the key is that what the store keeps is encrypted with, unless the environment has it. */
  readonly encryptionKeyFile: string;
  /** The address that a server listens on. */
  readonly host: string;
  /** `null`: 4747, or a free one when that is taken. */
  readonly port: number | null;
  /** How browsers reach the server; `null`: where it listens. */
  readonly publicUrl: string | null;
  /** Who says who somebody is that signs in; `null`: nobody but this store. */
  readonly oidc: OidcSettings | null;
  /** Where traces and logs are sent to; `null`: nowhere. Its headers may hold a key: printing a config shows them masked. */
  readonly telemetry: TelemetrySettings | null;
  /** Where lineage is sent to, likewise. */
  readonly lineage: LineageSettings | null;
  /** Hosts of this network that webhooks may go to. */
  readonly webhookHosts: readonly string[];
  readonly children: number;
  readonly tasksPerChild: number;
  readonly childVersions: number;
  readonly loadTimeoutMs: number;
  readonly graceMs: number;
  readonly maxValueBytes: number;
  readonly logLimitBytes: number;
  readonly external: readonly string[];
  readonly exact: readonly string[];
  readonly nodeOptions: readonly string[];
  /** Names of the receivers of alerts, by their places in the file. */
  readonly alerts: readonly string[];
  /** Who may say by signing it that an event has happened, by its name. */
  readonly webhooks: Webhooks;
  /** How long each kind is kept, in milliseconds; `null`: for ever. */
  readonly retention: Readonly<Record<keyof RetentionConfig, number | null>>;
}

export type { ConfigSources } from "./field-reader.ts";

export interface LoadConfigOptions {
  /** Where to look for the project, upwards. Default: this process's working directory. */
  readonly cwd?: string;
  /** What the command line says, by field; it wins over everything else. Texts are read as those of variables are. Paths are relative to `cwd`. */
  readonly flags?: TuttiConfig | Readonly<Record<string, unknown>>;
  /** Default: `process.env`. Paths in variables are relative to `cwd`. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Reads the configuration: flag, variable, config file, default.
 *
 * @throws TuttiError `BAD_CONFIG` with every wrong value and unknown field at once, each with what it must be.
 * @throws LoadError when the configuration file can't be evaluated, with its place.
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<Config> {
  const cwd = resolve(options.cwd ?? process.cwd());
  const env = options.env ?? process.env;
  const { root, configFile } = findProject(cwd);
  const written = configFile === null ? {} : await readConfigFile(configFile, root, env);
  return resolveConfig({
    root,
    configFile,
    written,
    env,
    cwd,
    flags: (options.flags ?? {}) as Readonly<Record<string, unknown>>,
  });
}

export function resolveConfig(sources: ConfigSources): Config {
  const reader = new FieldReader(sources);
  const stateDir = reader.path("state") ?? join(sources.root, ".tutti");
  const config: Config = {
    root: sources.root,
    configFile: sources.configFile,
    stateDir,
    store: reader.store() ?? { kind: "sqlite", path: join(stateDir, "tutti.db") },
    pipelinesDir: reader.path("pipelines") ?? join(sources.root, "pipelines"),
    artifactsDir: reader.artifacts() ?? join(stateDir, "artifacts"),
    logsDir: reader.logsDir() ?? join(stateDir, "logs"),
    logStore: reader.logStore() ?? null,
    connections: reader.connections(),
    pools: reader.value("pools") ?? {},
    secrets: reader.secrets() ?? [{ kind: "store" }],
    encryptionKeyFile: reader.path("encryptionKeyFile") ?? join(stateDir, "key"),
    host: reader.value("host") ?? "127.0.0.1",
    port: reader.value("port") ?? null,
    publicUrl: reader.value("publicUrl") ?? null,
    oidc: reader.oidc() ?? null,
    telemetry: reader.telemetry() ?? null,
    lineage: reader.lineage() ?? null,
    webhookHosts: reader.value("webhookHosts") ?? [],
    children: reader.value("children") ?? availableParallelism(),
    tasksPerChild: reader.value("tasksPerChild") ?? 16,
    childVersions: reader.value("childVersions") ?? 20,
    loadTimeoutMs: reader.value("loadTimeout") ?? 10_000,
    graceMs: reader.value("grace") ?? 10_000,
    maxValueBytes: reader.value("maxValueBytes") ?? 64 * 2 ** 20,
    logLimitBytes: reader.value("logLimitBytes") ?? 10 * 2 ** 20,
    external: reader.value("external") ?? [],
    exact: reader.value("exact") ?? [],
    nodeOptions: reader.value("nodeOptions") ?? [],
    alerts: reader.alerts(),
    webhooks: reader.webhooks(),
    retention: reader.retention(),
  };
  reader.check();
  return masked(config);
}

/** Logs, error reports and `--json` print whole objects; a password must not go with them. */
function masked(config: Config): Config {
  const shown = () => ({
    ...config,
    store: shownPlace(config.store),
    artifactsDir: isStoreUrl(config.artifactsDir) ? maskUrl(config.artifactsDir) : config.artifactsDir,
    logStore: config.logStore === null ? null : maskUrl(config.logStore),
    telemetry: withoutHeaders(config.telemetry),
    lineage: withoutHeaders(config.lineage),
    oidc:
      config.oidc === null ? null : { ...config.oidc, clientSecret: config.oidc.clientSecret === null ? null : "***" },
    connections: Object.fromEntries(Object.entries(config.connections).map(([name, url]) => [name, maskUrl(url)])),
  });
  return Object.defineProperties({ ...config }, { toJSON: { value: shown }, [inspect.custom]: { value: shown } });
}

const withoutHeaders = (settings: TelemetrySettings | LineageSettings | null): object | null =>
  settings === null ? null : { ...settings, url: maskUrl(settings.url), headers: Object.keys(settings.headers) };
