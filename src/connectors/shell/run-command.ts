import { resolve } from "node:path";
import type { Context } from "../../authoring/context.ts";
import { parseDuration } from "../../core/duration.ts";
import { openPipes, type PipesEnd, type PipesSession } from "../pipes/pipes-session.ts";
import { ReportedError } from "../pipes/reported-error.ts";
import { collectFiles } from "./collected-files.ts";
import { badCommand, CommandFailed, howItEnded } from "./command-errors.ts";
import type { CommandOptions, CommandResult } from "./command-options.ts";
import { CommandOutput } from "./command-output.ts";
import { readableLine } from "./readable-line.ts";
import { type OutputStream, type ProcessEnd, type ProcessSpec, runProcess } from "./run-process.ts";

/** Characters of a line of output: as many as a log line keeps. */
const LONGEST_LINE = 16_000;
/** Where messages are lines of output. */
const LONGEST_MESSAGE = 4 * 1024 ** 2;

/** What is run: its name in messages, and how the system starts it. */
export interface Program extends Pick<ProcessSpec, "file" | "args" | "env"> {
  readonly name: string;
}

/** What a kind of command may want besides. */
export interface CommandHooks {
  /** Characters of a line that are kept. Default: 16,000. */
  readonly lineLength?: number;
  /** Takes a line in place of the log. `false`: it is for the log after all. */
  readonly line?: (line: string, stream: OutputStream) => boolean;
  /** The error for an exit code that is none of those expected. Default: `CommandFailed`. */
  readonly failed?: (failed: CommandFailed) => unknown;
}

/** One command from its options to its result: everything but how the program is found. */
export async function runCommand(
  ctx: Context,
  options: CommandOptions,
  find: (cwd: string) => Promise<Program>,
  hooks: CommandHooks = {},
): Promise<CommandResult> {
  const cwd = resolve(options.cwd ?? ".");
  const program = await find(cwd);
  const pipes = await pipesFor(ctx, options);
  const output = new CommandOutput(ctx.log, options.capture === true);
  let ended: PipesEnd | null = null;
  let end: ProcessEnd;
  try {
    end = await runProcess({
      ...program,
      env: { ...program.env, ...pipes?.env },
      cwd,
      signal: ctx.signal,
      ...settings(options),
      lineLength: pipes?.inOutput === true ? LONGEST_MESSAGE : (hooks.lineLength ?? LONGEST_LINE),
      ...(output.bytes === null ? {} : { onBytes: output.bytes }),
      onLine: (line, stream) => {
        if (pipes?.take(line) === true || hooks.line?.(line, stream) === true) return;
        output.line(line, stream);
      },
    });
  } finally {
    ended = (await pipes?.close()) ?? null;
  }
  if (end.leftBehind) ctx.log.warn(`${program.name} left processes running when it ended; they were ended, too.`);
  if (end.exitCode !== null && options.skipCodes?.includes(end.exitCode))
    ctx.skip(`${program.name} ${howItEnded(end)}`);
  const exception = ended?.exception ?? null;
  if (end.exitCode === null || !(options.okCodes ?? [0]).includes(end.exitCode)) {
    const cause = exception === null ? undefined : new ReportedError(exception);
    const failed = new CommandFailed(program.name, end, output.lastLines, { cause });
    throw hooks.failed?.(failed) ?? failed;
  }
  if (exception !== null)
    ctx.log.warn(`${program.name} reported an error and ended well all the same: ${readableLine(exception.message)}`);
  return {
    exitCode: end.exitCode,
    lastLine: output.lastLine,
    stdout: output.text,
    artifacts: await collectFiles(ctx, options.files ?? {}, cwd),
    reports: ended?.opened === true ? ended.reports : null,
  };
}

async function pipesFor(
  ctx: Context,
  { pipes = false, capture = false }: CommandOptions,
): Promise<PipesSession | null> {
  if (pipes === false) return null;
  const options = pipes === true ? {} : pipes;
  if (capture && options.messages === "stdout")
    throw badCommand('With "capture", stdout is the result: let the messages come by file, or on stderr.');
  return await openPipes(ctx, options);
}

const settings = ({ input, stopSignal, grace }: CommandOptions): Partial<ProcessSpec> => ({
  ...(input === undefined ? {} : { input }),
  ...(stopSignal === undefined ? {} : { stopSignal }),
  ...(grace === undefined ? {} : { graceMs: parseDuration(grace) }),
});
