import type { ArgsDef, ParsedArgs } from "citty";
import type { Output } from "./output/output.ts";

/** What a command is run with beside its arguments. */
export interface CommandContext {
  readonly out: Output;
  readonly cwd: string;
  /** The address of the server that is asked, instead of a store here; `null`: the project's store. */
  readonly server: string | null;
  /** The whole command as the user typed it. */
  readonly typed: string;
  /** Every value of an option that may stand several times. */
  readonly all: (option: string) => readonly string[];
}

/** One command of the command line. */
export interface Command<Args extends ArgsDef = ArgsDef> {
  readonly name: string;
  readonly description: string;
  readonly args: Args;
  /** Under the help: what a user would type, and what it does. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
  /** Options that may stand several times. */
  readonly repeatable?: readonly string[];
  /** Gives the exit status. @throws TuttiError */
  run(args: ParsedArgs<Args>, context: CommandContext): Promise<number>;
}

/** Types the arguments that `run` gets. */
export const defineCommand = <const Args extends ArgsDef>(command: Command<Args>): Command<Args> => command;

export const JSON_ARG = { type: "boolean", description: "Print JSON on stdout, and nothing else there" } as const;
