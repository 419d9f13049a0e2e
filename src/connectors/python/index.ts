export { type InterpreterOptions } from "./interpreter.ts";
export { python, type PythonOptions, type PythonScript } from "./python.ts";
export { CommandFailed, CommandNotFound, CommandNotStarted } from "../shell/command-errors.ts";
export { type CommandResult } from "../shell/command-options.ts";
export { type PipesOptions } from "../pipes/pipes-context.ts";
export { type PipesReports } from "../pipes/pipes-log.ts";
