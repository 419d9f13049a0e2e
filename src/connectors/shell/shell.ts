import type { Context } from "../../authoring/context.ts";
import { commandEnvironment } from "./command-environment.ts";
import type { CommandOptions, CommandResult } from "./command-options.ts";
import { findExecutable } from "./find-executable.ts";
import { runCommand } from "./run-command.ts";
import { scriptText, type ShellValue } from "./script-text.ts";

export interface ShellOptions extends CommandOptions {
  /** Which shell reads it. `"bash"` also fails where any part of a pipe fails. Default: `"sh"`. */
  readonly shell?: "sh" | "bash";
}

/** A command line for a shell; `${}` gives a value as one word, a list as several. */
export type Shell = (text: TemplateStringsArray, ...values: readonly ShellValue[]) => Promise<CommandResult>;

/** It ends at the first command that fails, and at a variable that is not set. */
const STRICT = { sh: "set -eu", bash: "set -euo pipefail" } as const satisfies Record<"sh" | "bash", string>;

/**
 * Runs a shell script, otherwise like `command`. A value in `${}` is never a part of the script: nothing in it has a meaning to the shell.
 *
 * @throws Like `command`.
 * @example
 * const count = task("count", async ({ file }: { file: string }, ctx) => {
 *   const { lastLine } = await shell(ctx)`gunzip -c ${file} | wc -l`;
 *   return Number(lastLine);
 * });
 */
export function shell(ctx: Context, options: ShellOptions = {}): Shell {
  const kind = options.shell ?? "sh";
  return async (text, ...values) => {
    const { script, env: variables, shown } = scriptText(text, values);
    return await runCommand(ctx, options, async (cwd) => {
      const env = { ...commandEnvironment(ctx, options.env), ...variables };
      const file = await findExecutable(kind === "sh" ? "/bin/sh" : kind, { cwd, path: env["PATH"] });
      return { name: `Shell command "${cut(shown)}"`, file, args: ["-c", `${STRICT[kind]}\n${script}`, "tutti"], env };
    });
  };
}

const cut = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`);
