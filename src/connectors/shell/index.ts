export { type Alert, type Notifier } from "../../authoring/alert.ts";
export { type CommandEnv, type ConnectionUrl, urlOf } from "./command-environment.ts";
export { CommandFailed, CommandNotFound, CommandNotStarted } from "./command-errors.ts";
export { notifyCommand, type NotifyCommandOptions } from "./command-notifier.ts";
export { type CommandOptions, type CommandResult } from "./command-options.ts";
export { command } from "./command.ts";
export { type ShellValue } from "./script-text.ts";
export { shell, type Shell, type ShellOptions } from "./shell.ts";
