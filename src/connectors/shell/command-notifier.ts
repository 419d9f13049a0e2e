import type { Alert, Notifier } from "../../authoring/alert.ts";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { alertMessage } from "../notify/alert-message.ts";
import { plainText } from "../notify/message.ts";
import { type CommandEnv, usualEnvironment, withVariables } from "./command-environment.ts";
import { badCommand, CommandFailed } from "./command-errors.ts";
import { CommandOutput } from "./command-output.ts";
import { findExecutable } from "./find-executable.ts";
import { runProcess } from "./run-process.ts";

export interface NotifyCommandOptions {
  /** Beside the usual variables and `TUTTI_ALERT_EVENT`, `TUTTI_ALERT_TITLE`, `TUTTI_ALERT_TEXT`, `TUTTI_ALERT_KEY`. Default: none. */
  readonly env?: CommandEnv;
  /** After which it is stopped, and has failed. Default: `"30s"`. */
  readonly timeout?: Duration;
}

const LINE_LENGTH = 2_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * A program that is told of alerts: as JSON on its standard input, and the most important in variables. Its exit code says whether it has told
 * them on.
 *
 * @example
 * const pager = notifyCommand(["./page-oncall.sh"]);
 */
export function notifyCommand(
  argv: readonly [program: string, ...args: string[]],
  options: NotifyCommandOptions = {},
): Notifier {
  const [program, ...args] = argv;
  if (typeof program !== "string" || program === "") throw badCommand("A notifier's command needs its program.");
  return Object.freeze({
    name: `command ${program}`,
    notify: async (alert: Alert, call: { readonly signal?: AbortSignal } = {}): Promise<void> => {
      const env = withVariables({ ...usualEnvironment(), ...variables(alert) }, options.env);
      const limit = AbortSignal.timeout(parseDuration(options.timeout ?? "30s"));
      const output = new CommandOutput(silent, false);
      const end = await runProcess({
        file: await findExecutable(program, { cwd: process.cwd(), path: env["PATH"] }),
        args,
        cwd: process.cwd(),
        env,
        input: JSON.stringify({ ...alert, message: alertMessage(alert) }),
        signal: call.signal === undefined ? limit : AbortSignal.any([call.signal, limit]),
        lineLength: LINE_LENGTH,
        onLine: (line, stream) => output.line(line, stream),
      });
      if (end.exitCode !== 0) throw new CommandFailed(`The notifier's command "${program}"`, end, output.lastLines);
    },
  });
}

function variables(alert: Alert): Record<string, string> {
  const message = alertMessage(alert);
  const texts = {
    TUTTI_ALERT_EVENT: alert.event,
    TUTTI_ALERT_TITLE: message.title,
    TUTTI_ALERT_TEXT: plainText(message),
    TUTTI_ALERT_KEY: alert.key,
  };
  // What a task threw may hold anything, also what no variable can.
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replaceAll("\0", "")]));
}
