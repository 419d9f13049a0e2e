import type { Duration } from "../../core/duration.ts";
import { resolve } from "node:path";
import { badCommand } from "../shell/command-errors.ts";

export type DbtVerb = "build" | "run" | "test" | "seed" | "snapshot" | "compile";

/** What one invocation is about. */
export interface DbtRunOptions {
  /** dbt's selection, `["tag:daily", "+orders"]`; several are joined. Default: everything. */
  readonly select?: string | readonly string[];
  /** Default: nothing. */
  readonly exclude?: string | readonly string[];
  /** For `var()`: plain JSON. They stand on a command line: secrets belong into `env`. Default: none. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Builds incremental models and seeds anew; of `build`, `run` and `seed`. Default: false. */
  readonly fullRefresh?: boolean;
  /** Nodes at once. Default: the profile's. */
  readonly threads?: number;
  /** Files that dbt writes, to become artifacts: `["manifest.json", "run_results.json"]`. Default: none. */
  readonly keep?: readonly string[];
  /** From the interrupt to SIGKILL, for dbt to cancel its queries. Default: `"5s"`. */
  readonly grace?: Duration;
}

/** The command line, for dbt-core 1.5 and later. */
export function dbtArguments(
  verb: DbtVerb,
  run: DbtRunOptions,
  project: {
    readonly profiles?: string;
    readonly target?: string;
    readonly targetPath: string;
    readonly logPath: string;
  },
): string[] {
  return [
    "--log-format",
    "json",
    "--no-use-colors",
    verb,
    ...given("--profiles-dir", project.profiles === undefined ? undefined : resolve(project.profiles)),
    ...given("--target", project.target),
    "--target-path",
    project.targetPath,
    "--log-path",
    project.logPath,
    ...selection("--select", run.select),
    ...selection("--exclude", run.exclude),
    ...given("--vars", run.vars === undefined ? undefined : plainJson(run.vars)),
    ...(run.fullRefresh === true ? ["--full-refresh"] : []),
    ...given("--threads", run.threads === undefined ? undefined : String(run.threads)),
  ];
}

const given = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);

function selection(flag: string, selectors: string | readonly string[] | undefined): string[] {
  const list = typeof selectors === "string" ? [selectors] : (selectors ?? []);
  for (const selector of list)
    // It would be read as another option.
    if (typeof selector !== "string" || selector === "" || selector.startsWith("-"))
      throw badCommand(`${JSON.stringify(selector)} is no selection for dbt.`);
  return list.length === 0 ? [] : [flag, ...list];
}

function plainJson(vars: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(vars);
  } catch (error) {
    throw badCommand(`The vars for dbt are no plain JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
