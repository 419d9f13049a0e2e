import type { Alerted } from "../authoring/alert.ts";
import type { Duration } from "../core/duration.ts";

/**
 * What `tutti.config.ts` may say. Every field has an environment variable; the order is flag, variable, config, default.
 * Paths are relative to the folder of the configuration file.
 */
export interface TuttiConfig {
  /** The folder of the pipeline files. `TUTTI_PIPELINES`. Default: `"pipelines"`. */
  readonly pipelines?: string;
  /** The folder of everything that Tutti itself keeps. `TUTTI_STATE`. Default: `".tutti"`. */
  readonly state?: string;
  /** Where runs and versions are kept: a SQLite file, or `"postgres://user:password@host:5432/database"` for many machines. `TUTTI_STORE`. Default: `"tutti.db"` in `state`. */
  readonly store?: string;
  /** A direct address of the same database, where `store` goes through a pooler in transaction mode: wake-ups are listened for there. `TUTTI_STORE_DIRECT`. Default: `store`. */
  readonly storeDirect?: string;
  /** The folder of artifacts and of values above 256 KiB, on many machines one that all share, or a store of objects: `"s3://bucket/prefix"`. `TUTTI_ARTIFACTS`. Default: `"artifacts"` in `state`. */
  readonly artifacts?: string;
  /** The folder of logs, on many machines one that all share; or a store of objects that lines are sent to as well, every two seconds: `"s3://bucket/logs"`. `TUTTI_LOGS`. Default: `"logs"` in `state`. */
  readonly logs?: string;
  /** URLs by name of connection: `{ orders: "duckdb:./orders.db" }`. `TUTTI_CONNECTION_ORDERS` gives the one named `orders`. Default: none. */
  readonly connections?: Readonly<Record<string, string>>;
  /** Slots by name of pool, which tasks name with `pool`: `{ orders_db: 4 }`. `tutti pools set` changes a size while everything runs; it stays until another number stands here. `TUTTI_POOLS`, as `orders_db=4,gpu=1`. Default: none. */
  readonly pools?: Readonly<Record<string, number>>;
  /** Who keeps connections and secrets that neither the environment nor `connections` has, in order: `"store"`, `"file:/run/secrets"`, `"command:op read op://vault/{name}"`. `TUTTI_SECRETS`, separated by commas. Default: `["store"]`. */
  readonly secrets?: readonly string[];
  /** The file of the key that the store's secrets are encrypted with, where the environment does not hold the key itself. `TUTTI_ENCRYPTION_KEY_FILE`. Default: `"key"` in `state`. */
  readonly encryptionKeyFile?: string;
  /** The address that the server listens on; on any but this machine's own it needs `publicUrl`. `TUTTI_HOST`. Default: `"127.0.0.1"`. */
  readonly host?: string;
  /** Its port; `0` takes a free one. `TUTTI_PORT`. Default: 4747, or a free one when that is taken. */
  readonly port?: number;
  /** How browsers reach the server, through a proxy that ends TLS: `"https://tutti.example.com"`. Links in alerts begin with it. `TUTTI_PUBLIC_URL`. Default: where it listens. */
  readonly publicUrl?: string;
  /** The address of an OpenTelemetry receiver for traces and logs, by OTLP/HTTP: `"http://localhost:4318"`. `TUTTI_TELEMETRY`, or OpenTelemetry's own variable. Default: nowhere. */
  readonly telemetry?: string;
  /** The address of an OpenLineage receiver: `"http://localhost:5000"`. `TUTTI_LINEAGE`, or OpenLineage's own variable. Default: nowhere. */
  readonly lineage?: string;
  /** Who says who somebody is that signs in, by OpenID Connect. `TUTTI_OIDC`, as `issuer=https://id.example.com,clientId=tutti,defaultRole=viewer`; the client's secret in `TUTTI_OIDC_CLIENT_SECRET`. Default: nobody but this store. */
  readonly oidc?: OidcConfig;
  /** Hosts of your own network that webhooks may be added for, as they stand in their URLs: `"hooks.internal"`, `"10.0.3.7"`. `TUTTI_WEBHOOK_HOSTS`, separated by commas. Default: none; webhooks go to the internet only, by https. */
  readonly webhookHosts?: readonly string[];
  /** Warm child processes that run tasks. `TUTTI_CHILDREN`. Default: one per core. */
  readonly children?: number;
  /** Tasks at once in one child. `TUTTI_TASKS_PER_CHILD`. Default: 16. */
  readonly tasksPerChild?: number;
  /** Versions of code that one child holds before it is replaced. `TUTTI_CHILD_VERSIONS`. Default: 20. */
  readonly childVersions?: number;
  /** How long one pipeline file may take to be evaluated. `TUTTI_LOAD_TIMEOUT`. Default: `"10s"`. */
  readonly loadTimeout?: Duration;
  /** How long a cancelled or timed-out task may clean up before its process is killed. `TUTTI_GRACE`. Default: `"10s"`. */
  readonly grace?: Duration;
  /** The largest value a task may return, in bytes. `TUTTI_MAX_VALUE_BYTES`. Default: 67,108,864 (64 MiB). */
  readonly maxValueBytes?: number;
  /** How much one attempt may log before the rest is cut, in bytes. `TUTTI_LOG_LIMIT_BYTES`. Default: 10,485,760 (10 MiB). */
  readonly logLimitBytes?: number;
  /** Packages to keep out of bundles beside those with native code; `"@scope/*"` names all of a scope. `TUTTI_EXTERNAL`, separated by commas. Default: none. */
  readonly external?: readonly string[];
  /** Packages outside bundles that must be, on every machine, the very version the code was made with. Others may move within the range in package.json. `TUTTI_EXACT`, separated by commas. Default: none. */
  readonly exact?: readonly string[];
  /** Flags for Node in the child processes, such as `"--max-old-space-size=8192"` (MB). `TUTTI_NODE_OPTIONS`, separated by commas. Default: none. */
  readonly nodeOptions?: readonly string[];
  /** Who is told of what is wrong with Tutti itself, and of alerts that did not reach their own receivers. It can only stand in the file. Default: nobody. */
  readonly alerts?: Alerted;
  /** Events that who signs them may send to `POST /api/events/{event}` without a token, by name. It can only stand in the file. Default: none. */
  readonly webhooks?: Readonly<Record<string, WebhookConfig>>;
  /** How long what has ended is kept. `TUTTI_RETENTION`, as `runs=90d,logs=30d`. */
  readonly retention?: RetentionConfig;
}

/** An OpenID Connect provider, and what its users may here. It needs the package `openid-client`. */
export interface OidcConfig {
  /** Its address, under which `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  /** What it knows this server as. It leads browsers back to `<publicUrl>/auth/oidc/callback`. */
  readonly clientId: string;
  /** Better given as `TUTTI_OIDC_CLIENT_SECRET`. Default: none, a public client. */
  readonly clientSecret?: string;
  /** What the button says. Default: `"Single sign-on"`. */
  readonly label?: string;
  /** What it is asked for. Default: `"openid profile email"`. */
  readonly scope?: string;
  /** The claim that is the user's name here. Default: `"email"`. */
  readonly nameClaim?: string;
  /** The claim that lists the user's groups. Default: `"groups"`. */
  readonly groupsClaim?: string;
  /** What a group may, with each sign-in anew: a role, or a role for workflows with some tags. Default: roles are those that an admin gives here. */
  readonly groups?: Readonly<Record<string, OidcRole | { readonly role: OidcRole; readonly tags?: readonly string[] }>>;
  /** The role of somebody who is in none of the groups. Default: he is not let in. */
  readonly defaultRole?: OidcRole;
}

export type OidcRole = "viewer" | "operator" | "editor" | "admin";

/** Who may say that an event has happened by signing it. */
export interface WebhookConfig {
  /** Name of the secret that it is signed with: `orders-hook` is `TUTTI_SECRET_ORDERS_HOOK` of the server's environment. */
  readonly secret: string;
  /** How it is signed: `"standard"` is Standard Webhooks, as `tutti/webhook` and many services send. Default: `"standard"`. */
  readonly scheme?: "standard" | "github" | "stripe";
}

/** By kind; `"forever"` keeps it. */
export interface RetentionConfig {
  /** Ended runs with their task runs and attempts. Default: `"90d"`. */
  readonly runs?: Duration;
  /** Log segments. Default: `"30d"`. */
  readonly logs?: Duration;
  /** Artifacts and large values of ended runs. Default: `"30d"`. */
  readonly artifacts?: Duration;
  /** Versions that no run and no workflow refers to. Default: `"30d"`. */
  readonly versions?: Duration;
  /** Events that were delivered, but for the last one of each asset and what each of its checks found last. Default: `"30d"`. */
  readonly events?: Duration;
}

/**
 * Types the default export of `tutti.config.ts`. It gives back what it was given; values are checked when a command reads them,
 * which ends with `BAD_CONFIG` and every problem at once.
 *
 * @example
 * import { defineConfig } from "tutti";
 *
 * export default defineConfig({
 *   pipelines: "src/pipelines",
 *   connections: { orders: "duckdb:./orders.db" },
 *   retention: { runs: "30d" },
 * });
 */
export const defineConfig = (config: TuttiConfig): TuttiConfig => config;
