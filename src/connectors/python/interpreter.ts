import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CommandNotFound } from "../shell/command-errors.ts";
import { findExecutable } from "../shell/find-executable.ts";

export interface InterpreterOptions {
  /** The folder of a virtual environment, seen from `cwd`. Default: `.venv` where it is there, in `cwd` or in the project's folder. */
  readonly venv?: string;
  /** The interpreter, by name or path, where there is no virtual environment. Default: `"python3"`. */
  readonly python?: string;
}

/** An interpreter, and what a virtual environment adds to the variables of what it runs. */
export interface Interpreter {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @throws CommandNotFound `COMMAND_NOT_FOUND` when there is none. */
export async function findInterpreter(
  { venv, python }: InterpreterOptions,
  at: { readonly cwd: string; readonly path: string | undefined },
): Promise<Interpreter> {
  if (venv !== undefined) return await inVenv(resolve(at.cwd, venv), at);
  if (python === undefined)
    for (const folder of new Set([at.cwd, process.cwd()])) {
      const found = join(folder, ".venv");
      if (await isFolder(found)) return await inVenv(found, at);
    }
  const name = python ?? "python3";
  const file = await findExecutable(name, at).catch((error: unknown) => {
    throw new CommandNotFound(
      `Python was not found: ${(error as Error).message} Install it, or name it: { python: "/opt/python3.12/bin/python3" } or { venv: ".venv" }.`,
      { cause: error },
    );
  });
  return { file, env: {} };
}

async function inVenv(
  folder: string,
  { cwd, path = "" }: { readonly cwd: string; readonly path: string | undefined },
): Promise<Interpreter> {
  const bin = join(folder, "bin");
  const file = await findExecutable(join(bin, "python"), { cwd }).catch((error: unknown) => {
    throw new CommandNotFound(
      `"${folder}" is no virtual environment: ${(error as Error).message} Make one: python3 -m venv ${folder}`,
      { cause: error },
    );
  });
  // What `activate` does: programs of the environment come first.
  return { file, env: { VIRTUAL_ENV: folder, PATH: `${bin}:${path}` } };
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() === true;
