import { constants } from "node:os";
import { TuttiError } from "../../core/errors.ts";
import type { ProcessEnd } from "./run-process.ts";

/** A command ended with an exit code that is none of those that were expected, or was ended by a signal. */
export class CommandFailed extends TuttiError {
  /** `null`: a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote, at most 20, stderr's only where there are any. */
  readonly lastLines: readonly string[];

  constructor(
    name: string,
    end: Pick<ProcessEnd, "exitCode" | "signal">,
    lastLines: readonly string[],
    options: ErrorOptions = {},
  ) {
    const reported =
      options.cause instanceof Error ? `\nIt reported: ${options.cause.name}: ${options.cause.message}` : "";
    const last = lastLines.length === 0 ? "" : `\nIts last lines:\n${lastLines.map((line) => `  ${line}`).join("\n")}`;
    super("COMMAND_FAILED", `${name} ${howItEnded(end)}.${reported}${last}`, options);
    this.name = "CommandFailed";
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.lastLines = lastLines;
  }
}

/** The program, the script or the working directory is not there. */
export class CommandNotFound extends TuttiError {
  constructor(message: string, options?: ErrorOptions) {
    super("COMMAND_NOT_FOUND", message, options);
    this.name = "CommandNotFound";
  }
}

/** The system could not start the process. */
export class CommandNotStarted extends TuttiError {
  constructor(file: string, cwd: string, cause: unknown) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === "E2BIG"
        ? "its arguments and environment are too long for the system; pass large data as its input, or in a file"
        : code === "ENOENT"
          ? `it, or the folder "${cwd}" that it should run in, is gone`
          : message;
    super("COMMAND_NOT_STARTED", `"${file}" could not be started: ${why}.`, { cause });
    this.name = "CommandNotStarted";
  }
}

/** A command that was written wrongly. */
export const badCommand = (message: string): TuttiError => new TuttiError("BAD_COMMAND", message);

export function howItEnded({ exitCode, signal }: Pick<ProcessEnd, "exitCode" | "signal">): string {
  if (signal === "SIGKILL")
    return "was ended by SIGKILL, which nobody here sent: the system does that when memory runs out";
  if (signal !== null) return `was ended by ${signal}`;
  if (exitCode === 127) return "exited with code 127: a command in it was not found";
  if (exitCode === 126) return "exited with code 126: a command in it could not be executed";
  return `exited with code ${exitCode}`;
}

/** `null`: no signal has this number. */
export function signalNumbered(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}
