import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Context } from "../../authoring/context.ts";
import { commandEnvironment } from "../shell/command-environment.ts";
import { badCommand, CommandNotFound } from "../shell/command-errors.ts";
import type { CommandOptions, CommandResult } from "../shell/command-options.ts";
import { runCommand } from "../shell/run-command.ts";
import { findInterpreter, type InterpreterOptions } from "./interpreter.ts";

export interface PythonOptions extends Omit<CommandOptions, "pipes">, InterpreterOptions {
  /** Arguments of the script. Default: none. */
  readonly args?: readonly string[];
  /** Whether a Dagster Pipes client finds a session to report to. With options, what it is told. Default: true. */
  readonly pipes?: CommandOptions["pipes"];
}

/** A file, seen from `cwd`, or a module as after `python -m`. */
export type PythonScript = string | { readonly module: string };

/**
 * Runs a Python script, otherwise like `command`: its prints are in the task's log while it runs, cancel and timeout stop it. A script that
 * uses `dagster-pipes` reports through it, unchanged: `reports` of the result has its materializations, checks and messages.
 *
 * @throws Like `command`; an exception that a Pipes client reported is the error's cause.
 * @example
 * const train = task("train", { timeout: "2h" }, async ({ epochs }: { epochs: number }, ctx) => {
 *   const { reports } = await python(ctx, "scripts/train.py", { args: ["--date", ctx.date], pipes: { extras: { epochs } } });
 *   return reports?.materializations;
 * });
 */
export async function python(ctx: Context, script: PythonScript, options: PythonOptions = {}): Promise<CommandResult> {
  const { args = [], venv, python: named, pipes = true, ...rest } = options;
  checkTexts(args);
  const interpreter = { ...(venv === undefined ? {} : { venv }), ...(named === undefined ? {} : { python: named }) };
  return await runCommand(ctx, { ...rest, pipes }, async (cwd) => {
    const given = commandEnvironment(ctx, rest.env);
    const { file, env } = await findInterpreter(interpreter, { cwd, path: given["PATH"] });
    const { name, words } = await target(script, cwd);
    // Unbuffered: a line is logged when it is printed, and the last ones are not lost with the process.
    return { name, file, args: [...words, ...args], env: { PYTHONUNBUFFERED: "1", ...given, ...env } };
  });
}

async function target(script: PythonScript, cwd: string): Promise<{ name: string; words: readonly string[] }> {
  if (typeof script === "object" && script !== null) {
    if (typeof script.module !== "string" || !/^[\w.]+$/.test(script.module))
      throw badCommand(`${JSON.stringify(script.module)} is no name of a Python module.`);
    return { name: `Python module "${script.module}"`, words: ["-m", script.module] };
  }
  if (typeof script !== "string" || script === "" || script.includes("\0"))
    throw badCommand('Name the script by its path, such as "scripts/train.py", or { module: "shop.train" }.');
  const path = resolve(cwd, script);
  if ((await stat(path).catch(() => null)) === null)
    throw new CommandNotFound(`The script "${script}" is not there: "${path}".`);
  return { name: `Python script "${script}"`, words: [path] };
}

function checkTexts(args: readonly unknown[]): void {
  const wrong = args.findIndex((argument) => typeof argument !== "string" || argument.includes("\0"));
  if (wrong !== -1) throw badCommand(`Argument ${wrong + 1} of the script is no text, or holds a zero byte.`);
}
