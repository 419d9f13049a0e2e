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
  /** The SQLite file of runs and versions. `TUTTI_STORE`. Default: `"tutti.db"` in `state`. */
  readonly store?: string;
  /** The folder of artifacts and of values above 256 KiB. `TUTTI_ARTIFACTS`. Default: `"artifacts"` in `state`. */
  readonly artifacts?: string;
  /** URLs by name of connection: `{ orders: "duckdb:./orders.db" }`. `TUTTI_CONNECTION_ORDERS` gives the one named `orders`. Default: none. */
  readonly connections?: Readonly<Record<string, string>>;
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
  /** Flags for Node in the child processes, such as `"--max-old-space-size=8192"` (MB). `TUTTI_NODE_OPTIONS`, separated by commas. Default: none. */
  readonly nodeOptions?: readonly string[];
  /** How long what has ended is kept. `TUTTI_RETENTION`, as `runs=90d,logs=30d`. */
  readonly retention?: RetentionConfig;
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
