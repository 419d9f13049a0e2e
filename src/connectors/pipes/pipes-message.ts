/** A value that a process reported about what it made, and what kind of value it says it is: `int`, `url`, `md`, `table` … */
export interface PipesMetadatum {
  readonly value: unknown;
  readonly type: string;
}

export type PipesMetadata = Readonly<Record<string, PipesMetadatum>>;

/** A process made, or made anew, what is kept under a name. */
export interface PipesMaterialization {
  /** Parts of the name are joined by `/`. */
  readonly asset: string;
  /** Of the data, as the process counts it; `null`: it did not say. */
  readonly dataVersion: string | null;
  readonly metadata: PipesMetadata;
}

/** A process has looked whether an asset is as it should be. */
export interface PipesCheck {
  readonly asset: string;
  readonly check: string;
  readonly passed: boolean;
  readonly severity: "WARN" | "ERROR";
  readonly metadata: PipesMetadata;
}

/** The error that ended a session of the protocol. */
export interface PipesException {
  readonly name: string | null;
  readonly message: string;
  readonly stack: readonly string[];
  readonly cause: PipesException | null;
}

/** One message of a process, checked. */
export type PipesMessage =
  | { readonly method: "opened" }
  | { readonly method: "log"; readonly level: "debug" | "info" | "warn" | "error"; readonly message: string }
  | { readonly method: "materialization"; readonly report: PipesMaterialization }
  | { readonly method: "check"; readonly report: PipesCheck }
  | { readonly method: "custom"; readonly payload: unknown }
  | { readonly method: "stream"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly method: "closed"; readonly exception: PipesException | null };

const VERSION_KEY = "__dagster_pipes_version";

const LEVELS = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error", CRITICAL: "error" } as const;

/** Why a line is no message that we know. */
export class NoMessage extends Error {}

/** Whether a line is meant as a message, among others on the same stream. */
export const isPipesLine = (line: string): boolean => line.startsWith("{") && line.includes(`"${VERSION_KEY}"`);

/** @throws NoMessage with what is wrong with the line. */
export function readPipesMessage(line: string): PipesMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new NoMessage("it is no JSON");
  }
  const message = object(parsed, "the message");
  if (!(VERSION_KEY in message)) throw new NoMessage(`it has no "${VERSION_KEY}"`);
  const params =
    message["params"] === null || message["params"] === undefined ? {} : object(message["params"], "params");
  switch (message["method"]) {
    case "opened":
      return { method: "opened" };
    case "log":
      return { method: "log", level: levelOf(params["level"]), message: text(params, "message") };
    case "report_asset_materialization":
      return { method: "materialization", report: materializationOf(params) };
    case "report_asset_check":
      return { method: "check", report: checkOf(params) };
    case "report_custom_message":
      return { method: "custom", payload: params["payload"] ?? null };
    case "log_external_stream":
      return {
        method: "stream",
        stream: params["stream"] === "stderr" ? "stderr" : "stdout",
        text: text(params, "text"),
      };
    case "closed":
      return { method: "closed", exception: exceptionOf("exception" in params ? params["exception"] : flat(params)) };
    default:
      throw new NoMessage(`its method ${JSON.stringify(message["method"])} is not known`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const materializationOf = (params: Fields): PipesMaterialization => ({
  asset: text(params, "asset_key"),
  dataVersion: typeof params["data_version"] === "string" ? params["data_version"] : null,
  metadata: metadataOf(params["metadata"]),
});

const checkOf = (params: Fields): PipesCheck => {
  if (typeof params["passed"] !== "boolean") throw new NoMessage('its "passed" is neither true nor false');
  return {
    asset: text(params, "asset_key"),
    check: text(params, "check_name"),
    passed: params["passed"],
    severity: params["severity"] === "WARN" ? "WARN" : "ERROR",
    metadata: metadataOf(params["metadata"]),
  };
};

function metadataOf(value: unknown): PipesMetadata {
  if (value === null || value === undefined) return {};
  return Object.fromEntries(
    Object.entries(object(value, "metadata")).map(([key, one]) => {
      // A client may send a value as it is, without saying its type.
      if (typeof one !== "object" || one === null || !("raw_value" in one))
        return [key, { value: one, type: "__infer__" }];
      const type = (one as Fields)["type"];
      return [key, { value: one.raw_value, type: typeof type === "string" ? type : "__infer__" }];
    }),
  );
}

function exceptionOf(value: unknown): PipesException | null {
  if (typeof value !== "object" || value === null) return null;
  const { name, message, stack, cause, context } = value as Fields;
  return {
    name: typeof name === "string" ? name : null,
    message: typeof message === "string" ? message : "",
    stack: Array.isArray(stack) ? stack.map(String) : [],
    cause: exceptionOf(cause) ?? exceptionOf(context),
  };
}

/** Rust's client puts the exception's fields where others put the exception. */
const flat = (params: Fields): Fields | null => (typeof params["message"] === "string" ? params : null);

function levelOf(level: unknown): (typeof LEVELS)[keyof typeof LEVELS] {
  if (typeof level === "string" && Object.hasOwn(LEVELS, level)) return LEVELS[level as keyof typeof LEVELS];
  throw new NoMessage(`its level ${JSON.stringify(level)} is not known`);
}

function object(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NoMessage(`${what} is no object`);
  return value as Fields;
}

function text(params: Fields, key: string): string {
  const value = params[key];
  if (typeof value !== "string") throw new NoMessage(`its "${key}" is no text`);
  return value;
}
