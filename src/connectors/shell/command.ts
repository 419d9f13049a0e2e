import type { Context } from "../../authoring/context.ts";
import { findExecutable } from "./find-executable.ts";
import { badCommand } from "./command-errors.ts";
import { commandEnvironment } from "./command-environment.ts";
import type { CommandOptions, CommandResult } from "./command-options.ts";
import { runCommand } from "./run-command.ts";

/**
 * Runs a program with these arguments, without a shell in between: nothing in an argument has a meaning. Its lines go to the task's log as
 * they come, stdout as `info` and stderr as `warn`. Cancel and timeout stop it with everything that it has started; what it leaves running is
 * ended with it. It gets a cleaned environment.
 *
 * @throws CommandFailed `COMMAND_FAILED` with its exit code and last lines. CommandNotFound `COMMAND_NOT_FOUND`. CommandNotStarted
 * `COMMAND_NOT_STARTED`. TuttiError `BAD_COMMAND`, `OUTPUT_TOO_LARGE`, `OUTPUT_FILE_MISSING`.
 * @example
 * const convert = task("convert", { timeout: "10m" }, async ({ file }: { file: string }, ctx) => {
 *   const { artifacts } = await command(ctx, ["./convert", "--in", file, "--out", "out.parquet"], { files: { "sales.parquet": "out.parquet" } });
 *   return artifacts["sales.parquet"];
 * });
 */
export async function command(
  ctx: Context,
  argv: readonly [program: string, ...args: string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  checkArguments(argv);
  const [program, ...args] = argv;
  return await runCommand(ctx, options, async (cwd) => {
    const env = commandEnvironment(ctx, options.env);
    return { name: `"${program}"`, file: await findExecutable(program, { cwd, path: env["PATH"] }), args, env };
  });
}

function checkArguments(argv: readonly unknown[]): void {
  if (!Array.isArray(argv) || argv.length === 0)
    throw badCommand('A command is a list: its program, then its arguments, such as ["gzip", "-k", file].');
  argv.forEach((argument: unknown, place) => {
    if (typeof argument !== "string")
      throw badCommand(`Argument ${place} of "${String(argv[0])}" is no text: write String(value).`);
    if (argument.includes("\0")) throw badCommand(`Argument ${place} of "${String(argv[0])}" holds a zero byte.`);
  });
}
