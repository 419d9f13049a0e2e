import { connection, type Connection } from "../../authoring/connection.ts";
import type { Context } from "../../authoring/context.ts";
import { cleanEnvironment } from "../../core/clean-environment.ts";
import { badCommand } from "./command-errors.ts";

/** The URL of a connection, for a command that opens it itself. */
export interface ConnectionUrl {
  readonly connection: Connection;
}

/** What a command finds in its environment beside the usual; `undefined` takes a variable away. */
export type CommandEnv = Readonly<Record<string, string | ConnectionUrl | undefined>>;

/**
 * Declares the connection `name`, for the `env` of a command. Made at module level, like every handle; the password in the URL is masked in
 * the log of whatever task uses it.
 *
 * @example
 * const orders = urlOf("orders"); // TUTTI_CONNECTION_ORDERS=postgres://user:password@host/shop
 * const dump = task("dump", (_: void, ctx) => command(ctx, ["./dump.sh"], { env: { DATABASE_URL: orders } }));
 */
export const urlOf = (name: string): ConnectionUrl => Object.freeze({ connection: connection(name) });

/** PATH, HOME, language, time zone, proxies, certificates of our own environment, and nothing else of it. */
export const usualEnvironment = (): Record<string, string> => cleanEnvironment(process.env, {});

/**
 * An allow-list of our own environment (PATH, HOME, language, time zone, proxies, certificates), what says which task run this is, and `added`.
 *
 * @throws TuttiError `BAD_COMMAND` for a name or value that a process can't have.
 */
export function commandEnvironment(ctx: Context, added: CommandEnv = {}): Record<string, string> {
  return withVariables({ ...usualEnvironment(), ...taskRunVariables(ctx) }, added);
}

/** @throws TuttiError `BAD_COMMAND`. */
export function withVariables(usual: Readonly<Record<string, string>>, added: CommandEnv = {}): Record<string, string> {
  const env = { ...usual };
  for (const [name, value] of Object.entries(added)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw badCommand(`"${name}" is no name of an environment variable: use letters, digits and "_".`);
    if (value === undefined) delete env[name];
    else env[name] = textOf(name, value);
  }
  return env;
}

function textOf(name: string, value: string | ConnectionUrl): string {
  const text: unknown = typeof value === "object" && value !== null ? value.connection.resolve() : value;
  if (typeof text !== "string") throw badCommand(`The environment variable "${name}" must be a text.`);
  // The value itself stays out of the message: it may be a secret.
  if (text.includes("\0")) throw badCommand(`The environment variable "${name}" holds a zero byte.`);
  return text;
}

/** For scripts in any language. */
const taskRunVariables = (ctx: Context): Record<string, string> => ({
  TUTTI_RUN_ID: ctx.runInfo.id,
  TUTTI_WORKFLOW: ctx.workflow.name,
  TUTTI_TASK: ctx.task,
  TUTTI_DATE: ctx.date,
  TUTTI_INTERVAL_START: ctx.interval.start.toISOString(),
  TUTTI_INTERVAL_END: ctx.interval.end.toISOString(),
  TUTTI_ATTEMPT: String(ctx.attempt),
  TUTTI_IDEMPOTENCY_KEY: ctx.idempotencyKey,
  ...(ctx.mapIndex === null ? {} : { TUTTI_MAP_INDEX: String(ctx.mapIndex) }),
  ...(ctx.traceparent === null ? {} : { TRACEPARENT: ctx.traceparent }),
});
