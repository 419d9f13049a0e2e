import { availableParallelism } from "node:os";
import { inspect } from "node:util";
import { join, relative, resolve } from "node:path";
import { didYouMean } from "../authoring/nearest.ts";
import { TuttiError } from "../core/errors.ts";
import {
  CONFIG_FIELDS,
  readConnections,
  readConnectionUrl,
  readRetention,
  Refused,
  RETENTION_DEFAULTS,
} from "./config-fields.ts";
import { findProject, readConfigFile } from "./config-file.ts";
import type { RetentionConfig, TuttiConfig } from "./define-config.ts";

/** The configuration a command works with: checked, complete, paths absolute. */
export interface Config {
  /** The project's folder: that of the configuration file; without one, the nearest with `.tutti/`, `pipelines/` or a package.json. */
  readonly root: string;
  /** The configuration file; `null`: there is none. */
  readonly configFile: string | null;
  readonly stateDir: string;
  readonly storePath: string;
  readonly pipelinesDir: string;
  readonly artifactsDir: string;
  readonly logsDir: string;
  /** URLs by name. They may hold passwords: printing a config shows them masked. */
  readonly connections: Readonly<Record<string, string>>;
  readonly children: number;
  readonly tasksPerChild: number;
  readonly childVersions: number;
  readonly loadTimeoutMs: number;
  readonly graceMs: number;
  readonly maxValueBytes: number;
  readonly logLimitBytes: number;
  readonly external: readonly string[];
  readonly nodeOptions: readonly string[];
  /** How long each kind is kept, in milliseconds; `null`: for ever. */
  readonly retention: Readonly<Record<keyof RetentionConfig, number | null>>;
}

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

export interface ConfigSources {
  readonly root: string;
  readonly configFile: string | null;
  readonly written: unknown;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly flags: Readonly<Record<string, unknown>>;
}

export function resolveConfig(sources: ConfigSources): Config {
  const reader = new FieldReader(sources);
  const stateDir = reader.path("state") ?? join(sources.root, ".tutti");
  const config: Config = {
    root: sources.root,
    configFile: sources.configFile,
    stateDir,
    storePath: reader.path("store") ?? join(stateDir, "tutti.db"),
    pipelinesDir: reader.path("pipelines") ?? join(sources.root, "pipelines"),
    artifactsDir: reader.path("artifacts") ?? join(stateDir, "artifacts"),
    logsDir: join(stateDir, "logs"),
    connections: reader.connections(),
    children: reader.value("children") ?? availableParallelism(),
    tasksPerChild: reader.value("tasksPerChild") ?? 16,
    childVersions: reader.value("childVersions") ?? 20,
    loadTimeoutMs: reader.value("loadTimeout") ?? 10_000,
    graceMs: reader.value("grace") ?? 10_000,
    maxValueBytes: reader.value("maxValueBytes") ?? 64 * 2 ** 20,
    logLimitBytes: reader.value("logLimitBytes") ?? 10 * 2 ** 20,
    external: reader.value("external") ?? [],
    nodeOptions: reader.value("nodeOptions") ?? [],
    retention: reader.retention(),
  };
  reader.check();
  return masked(config);
}

type Fields = typeof CONFIG_FIELDS;
type ValueOf<K extends keyof Fields> = ReturnType<Fields[K]["read"]>;

/** Reads fields from their sources in order, and gathers everything that is wrong. */
class FieldReader {
  readonly #sources: ConfigSources;
  readonly #written: Readonly<Record<string, unknown>>;
  readonly #problems: string[] = [];

  constructor(sources: ConfigSources) {
    this.#sources = sources;
    this.#written = sources.written as Readonly<Record<string, unknown>>;
    this.#refuseUnknown(this.#written, this.#configName());
    this.#refuseUnknown(sources.flags, "the command line");
  }

  value<K extends keyof Fields>(name: K): ValueOf<K> | undefined {
    return this.#read(name)?.value;
  }

  path(name: "pipelines" | "state" | "store" | "artifacts"): string | undefined {
    const found = this.#read(name);
    return found && resolve(found.base, found.value);
  }

  connections(): Record<string, string> {
    const written =
      this.#attempt("connections", this.#configName(), () => readConnections(this.#written["connections"] ?? {})) ?? {};
    const flags =
      this.#attempt("connections", "the command line", () =>
        readConnections(this.#sources.flags["connections"] ?? {}),
      ) ?? {};
    const variables = Object.entries(this.#sources.env).flatMap(([name, url]) =>
      /^TUTTI_CONNECTION_./.test(name) ? [[name.slice("TUTTI_CONNECTION_".length).toLowerCase(), url]] : [],
    );
    // A variable has no case: it means the connection that is written with any.
    const spelled = (name: string) => Object.keys(written).find((known) => known.toLowerCase() === name) ?? name;
    const all = { ...written, ...Object.fromEntries(variables.map(([name, url]) => [spelled(name!), url])), ...flags };
    return Object.fromEntries(
      Object.entries(all).flatMap(
        ([name, url]) =>
          this.#attempt(`connections.${name}`, null, () => [[name, readConnectionUrl(url)] as const]) ?? [],
      ),
    );
  }

  retention(): Config["retention"] {
    const given = this.value("retention") ?? {};
    for (const kind of Object.keys(given)) {
      if (!(kind in RETENTION_DEFAULTS))
        this.#problems.push(
          `"retention.${kind}" is not known.${didYouMean(kind, Object.keys(RETENTION_DEFAULTS)) || ` Known: ${Object.keys(RETENTION_DEFAULTS).join(", ")}.`}`,
        );
    }
    const entries = Object.entries(RETENTION_DEFAULTS).map(([kind, byDefault]) => [
      kind,
      given[kind] === undefined
        ? byDefault
        : this.#attempt(`retention.${kind}`, null, () => readRetention(given[kind]), given[kind]),
    ]);
    return Object.fromEntries(entries) as Config["retention"];
  }

  check(): void {
    if (this.#problems.length === 0) return;
    const head =
      this.#problems.length === 1
        ? "The configuration has a problem"
        : `The configuration has ${this.#problems.length} problems`;
    throw new TuttiError("BAD_CONFIG", `${head}:\n${this.#problems.map((problem) => `- ${problem}`).join("\n")}`);
  }

  #read<K extends keyof Fields>(name: K): { value: ValueOf<K>; base: string } | undefined {
    const { variable, read, fromText } = CONFIG_FIELDS[name];
    const { flags, env, cwd, root } = this.#sources;
    const parsed = (value: unknown) => (typeof value === "string" ? fromText(value) : value);
    const [given, from, base] =
      flags[name] !== undefined
        ? [parsed(flags[name]), "the command line", cwd]
        : env[variable] !== undefined && env[variable] !== ""
          ? [parsed(env[variable]), variable, cwd]
          : [this.#written[name], this.#configName(), root];
    if (given === undefined) return undefined;
    const value = this.#attempt(name, from, () => read(given) as ValueOf<K>, given);
    return value === undefined ? undefined : { value, base };
  }

  /** `shown` absent: the value is a secret. */
  #attempt<T>(name: string, from: string | null, read: () => T, ...shown: unknown[]): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const value =
        shown.length === 0
          ? ""
          : `, not ${inspect(shown[0], { depth: 1, breakLength: Infinity, maxStringLength: 80 })}`;
      this.#problems.push(`"${name}"${from === null ? "" : ` (from ${from})`} ${error.message}${value}.`);
      return undefined;
    }
  }

  #refuseUnknown(given: Readonly<Record<string, unknown>>, from: string): void {
    const known = [...Object.keys(CONFIG_FIELDS), "connections"];
    for (const name of Object.keys(given)) {
      if (!known.includes(name))
        this.#problems.push(`"${name}" (from ${from}) is not a field of the configuration.${didYouMean(name, known)}`);
    }
  }

  #configName(): string {
    return this.#sources.configFile === null
      ? "the configuration"
      : relative(this.#sources.root, this.#sources.configFile);
  }
}

/** Logs, error reports and `--json` print whole objects; a password must not go with them. */
function masked(config: Config): Config {
  const shown = () => ({
    ...config,
    connections: Object.fromEntries(Object.entries(config.connections).map(([name, url]) => [name, maskUrl(url)])),
  });
  return Object.defineProperties({ ...config }, { toJSON: { value: shown }, [inspect.custom]: { value: shown } });
}

/** The URL without its password and without parameters, which may hold tokens. */
export function maskUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0];
  if (scheme === undefined) return "***";
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?):[^/?#]*@/i, "$1:***@").replace(/\?.*$/s, "?***");
}
