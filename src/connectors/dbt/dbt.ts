import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ArtifactRef } from "../../authoring/artifact.ts";
import type { Context } from "../../authoring/context.ts";
import { collectFiles } from "../shell/collected-files.ts";
import { type CommandEnv, commandEnvironment } from "../shell/command-environment.ts";
import { CommandFailed, CommandNotFound } from "../shell/command-errors.ts";
import { runCommand } from "../shell/run-command.ts";
import { DbtFailed } from "./dbt-failed.ts";
import { DbtLog } from "./dbt-log.ts";
import { dbtArguments, type DbtRunOptions, type DbtVerb } from "./dbt-options.ts";
import { type DbtNode, readResults } from "./dbt-results.ts";
import { findDbt } from "./find-dbt.ts";

/** Where a dbt project stands, and how it runs. Paths are seen from Tutti's project folder. */
export interface DbtOptions {
  /** The folder of `dbt_project.yml`. */
  readonly project: string;
  /** The folder of `profiles.yml`. Default: where dbt looks, in the project and then in `~/.dbt`. */
  readonly profiles?: string;
  /** Of the profile. Default: the profile's own. */
  readonly target?: string;
  /** The folder of a virtual environment that has dbt. Default: `.venv` where that has it, in the dbt project or Tutti's; else dbt from `PATH`. */
  readonly venv?: string;
  /** The program, by name or path, in place of those. */
  readonly dbt?: string;
  /** For `env_var()` in the project and its profiles. Default: none. */
  readonly env?: CommandEnv;
  /** Where dbt writes what it compiles. Default: a folder of this attempt, so that several tasks can use one project at once; name one to keep dbt's parsing between runs. */
  readonly targetPath?: string;
}

/** What an invocation that succeeded leaves. */
export interface DbtResult {
  /** In the order in which they ended. */
  readonly nodes: readonly DbtNode[];
  /** How many nodes ended in each state. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of `keep`, by name. */
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
}

/** dbt's commands, each as a call inside a task. */
export type Dbt = Readonly<Record<DbtVerb, (ctx: Context, options?: DbtRunOptions) => Promise<DbtResult>>>;

/** A worker that reaches nothing outside would wait for them, for seconds, at the end of each invocation. */
const DEFAULTS = { DBT_SEND_ANONYMOUS_USAGE_STATS: "false" };

/** A line of its log holds a whole event. */
const LONGEST_EVENT = 1024 ** 2;

/**
 * A dbt project, run by the dbt that is installed here. Its log is the task's log, with its levels; nodes done are the task's progress; cancel
 * and timeout interrupt it as Ctrl-C does, so that it cancels its queries.
 *
 * @throws Each call: DbtFailed `DBT_FAILED` with the nodes that failed. CommandNotFound `COMMAND_NOT_FOUND`. Else like `command` of `tutti/shell`.
 * @example
 * const shop = dbt({ project: "dbt/shop", env: { SHOP_DB: "shop.duckdb" } });
 *
 * const build = task("build", { timeout: "30m" }, async (_: void, ctx) => {
 *   const { nodes } = await shop.build(ctx, { select: ["tag:daily"], vars: { day: ctx.date } });
 *   return nodes.length;
 * });
 */
export function dbt(options: DbtOptions): Dbt {
  const call = (verb: DbtVerb) => (ctx: Context, run?: DbtRunOptions) => invoke(ctx, options, verb, run ?? {});
  return Object.freeze({
    build: call("build"),
    run: call("run"),
    test: call("test"),
    seed: call("seed"),
    snapshot: call("snapshot"),
    compile: call("compile"),
  });
}

async function invoke(ctx: Context, options: DbtOptions, verb: DbtVerb, run: DbtRunOptions): Promise<DbtResult> {
  const project = resolve(options.project);
  await checkProject(options.project, project);
  const folder = await mkdtemp(join(tmpdir(), "tutti-dbt-"));
  const target = options.targetPath === undefined ? join(folder, "target") : resolve(options.targetPath);
  const log = new DbtLog(ctx);
  try {
    // That of an earlier invocation must not pass for this one's.
    await rm(join(target, "run_results.json"), { force: true });
    const args = dbtArguments(verb, run, { ...options, targetPath: target, logPath: join(folder, "logs") });
    const failed = await runCommand(
      ctx,
      { cwd: project, stopSignal: "SIGINT", ...(run.grace === undefined ? {} : { grace: run.grace }) },
      async (cwd) => {
        const given = commandEnvironment(ctx, options.env);
        const { file, env } = await findDbt(options, { cwd, path: given["PATH"] });
        return { name: `dbt ${verb}`, file, args, env: { ...DEFAULTS, ...given, ...env } };
      },
      { lineLength: LONGEST_EVENT, line: (line) => log.take(line) },
    ).then(
      () => null,
      (error: unknown) => error,
    );
    const nodes = await readResults(join(target, "run_results.json"));
    if (failed instanceof CommandFailed) throw new DbtFailed(`dbt ${verb}`, failed, nodes ?? [], log.errors);
    if (failed !== null) throw failed;
    const files = Object.fromEntries((run.keep ?? []).map((name) => [name, name]));
    return { nodes: nodes ?? [], counts: countsOf(nodes ?? []), artifacts: await collectFiles(ctx, files, target) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkProject(named: string, project: string): Promise<void> {
  const file = join(project, "dbt_project.yml");
  if ((await stat(file).catch(() => null)) === null)
    throw new CommandNotFound(`"${named}" is no dbt project: "${file}" is not there.`);
}

function countsOf(nodes: readonly DbtNode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of nodes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
