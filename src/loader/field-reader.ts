import { inspect } from "node:util";
import { relative, resolve } from "node:path";
import { didYouMean } from "../authoring/nearest.ts";
import { TuttiError } from "../core/errors.ts";
import { isStoreUrl } from "../objects/store-url.ts";
import {
  CONFIG_FIELDS,
  type ConfigField,
  readConnections,
  readConnectionUrl,
  readRetention,
  RETENTION_DEFAULTS,
} from "./config-fields.ts";
import type { Config } from "./config.ts";
import { receiverNames } from "./config-alerts.ts";
import { artifactsPlace, storeUrl } from "./config-artifacts.ts";
import { type OidcSettings, readOidc } from "./config-oidc.ts";
import { readSecretPlaces, type SecretPlace } from "./config-secrets.ts";
import {
  lineageSettings,
  type LineageSettings,
  telemetrySettings,
  type TelemetrySettings,
} from "./config-telemetry.ts";
import { isDatabase, type StorePlace } from "./config-store.ts";
import { readWebhooks, type Webhooks } from "./config-webhooks.ts";
import { Refused } from "./refused.ts";

export interface ConfigSources {
  readonly root: string;
  readonly configFile: string | null;
  readonly written: unknown;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly flags: Readonly<Record<string, unknown>>;
}

type Fields = typeof CONFIG_FIELDS;
type ValueOf<K extends keyof Fields> = ReturnType<Fields[K]["read"]>;

/** Reads fields from their sources in order, and gathers everything that is wrong. */
export class FieldReader {
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

  path(name: "pipelines" | "state" | "encryptionKeyFile"): string | undefined {
    const found = this.#read(name);
    return found && resolve(found.base, found.value);
  }

  store(): StorePlace | undefined {
    const found = this.#read("store");
    const direct = this.value("storeDirect");
    if (found === undefined) return undefined;
    if (!isDatabase(found.value)) return { kind: "sqlite", path: resolve(found.base, found.value) };
    return { kind: "postgres", url: found.value, directUrl: direct ?? found.value };
  }

  artifacts(): string | undefined {
    const found = this.#read("artifacts");
    // Not shown where it is wrong: it may hold a key.
    return found && this.#attempt("artifacts", null, () => artifactsPlace(found.value, found.base, this.#sources.env));
  }

  logsDir(): string | undefined {
    const found = this.#read("logs");
    return found === undefined || isStoreUrl(found.value) ? undefined : resolve(found.base, found.value);
  }

  logStore(): string | undefined {
    const found = this.#read("logs");
    if (found === undefined || !isStoreUrl(found.value)) return undefined;
    return this.#attempt("logs", null, () => storeUrl(found.value, this.#sources.env));
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

  secrets(): readonly SecretPlace[] | undefined {
    const found = this.#read("secrets");
    return found && this.#attempt("secrets", null, () => readSecretPlaces(found.value, found.base), found.value);
  }

  telemetry(): TelemetrySettings | undefined {
    const { env } = this.#sources;
    const url = this.value("telemetry") ?? (env["OTEL_EXPORTER_OTLP_ENDPOINT"] || undefined);
    return url === undefined ? undefined : this.#attempt("telemetry", null, () => telemetrySettings(url, env));
  }

  lineage(): LineageSettings | undefined {
    const { env } = this.#sources;
    const url = this.value("lineage") ?? (env["OPENLINEAGE_URL"] || undefined);
    return url === undefined ? undefined : this.#attempt("lineage", null, () => lineageSettings(url, env));
  }

  oidc(): OidcSettings | undefined {
    const found = this.#read("oidc");
    const secret = this.#sources.env["TUTTI_OIDC_CLIENT_SECRET"];
    return found && this.#attempt("oidc", null, () => readOidc(found.value, secret === "" ? undefined : secret));
  }

  alerts(): readonly string[] {
    return this.#attempt("alerts", this.#configName(), () => receiverNames(this.#written["alerts"])) ?? [];
  }

  webhooks(): Webhooks {
    return this.#attempt("webhooks", this.#configName(), () => readWebhooks(this.#written["webhooks"])) ?? {};
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
    const { variable, read, fromText, shown = (value: unknown) => value }: ConfigField = CONFIG_FIELDS[name];
    const { flags, env, cwd, root } = this.#sources;
    const parsed = (value: unknown) => (typeof value === "string" ? fromText(value) : value);
    const [given, from, base] =
      flags[name] !== undefined
        ? [parsed(flags[name]), "the command line", cwd]
        : env[variable] !== undefined && env[variable] !== ""
          ? [parsed(env[variable]), variable, cwd]
          : [this.#written[name], this.#configName(), root];
    if (given === undefined) return undefined;
    const value = this.#attempt(name, from, () => read(given) as ValueOf<K>, shown(given));
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
    const known = [...Object.keys(CONFIG_FIELDS), "connections", "alerts", "webhooks"];
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
