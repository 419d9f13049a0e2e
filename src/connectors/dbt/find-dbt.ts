import { join, resolve } from "node:path";
import { CommandNotFound } from "../shell/command-errors.ts";
import { findExecutable } from "../shell/find-executable.ts";

interface Where {
  readonly venv?: string;
  readonly dbt?: string;
}

/** The program, and what a virtual environment adds to its variables. */
export async function findDbt(
  { venv, dbt }: Where,
  { cwd, path = "" }: { readonly cwd: string; readonly path: string | undefined },
): Promise<{ readonly file: string; readonly env: Readonly<Record<string, string>> }> {
  try {
    // Seen from Tutti's project, like all paths of the options.
    if (dbt !== undefined)
      return { file: await findExecutable(dbt.includes("/") ? resolve(dbt) : dbt, { cwd, path }), env: {} };
    if (venv !== undefined) return await inVenv(resolve(venv), path);
    for (const folder of [join(cwd, ".venv"), resolve(".venv")]) {
      const found = await inVenv(folder, path).catch(() => null);
      if (found !== null) return found;
    }
    return { file: await findExecutable("dbt", { cwd, path }), env: {} };
  } catch (error) {
    throw new CommandNotFound(
      `dbt was not found: ${(error as Error).message} Install it with its adapter, e.g. pip install dbt-core dbt-duckdb, or name it: { venv: ".venv" }.`,
      { cause: error },
    );
  }
}

async function inVenv(folder: string, path: string): Promise<{ file: string; env: Record<string, string> }> {
  const bin = join(folder, "bin");
  return {
    file: await findExecutable(join(bin, "dbt"), { cwd: "/" }),
    env: { VIRTUAL_ENV: folder, PATH: `${bin}:${path}` },
  };
}
