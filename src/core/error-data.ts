import type { ErrorData } from "./errors.ts";

/** Characters; what is longer is cut, with a note of how much. */
const MAX_MESSAGE = 16 * 1024;
const MAX_STACK = 32 * 1024;
const MAX_CAUSES = 5;
/** Of an AggregateError. */
const MAX_ERRORS = 10;

/** Whatever a task threw, as data: any value, with up to five nested causes. Never throws itself. */
export function toErrorData(thrown: unknown): ErrorData {
  return errorData(thrown, MAX_CAUSES);
}

/** Its class and those it extends, for the retry rules: `["HttpError", "Error"]`. */
export function errorClasses(thrown: unknown): string[] {
  const classes: string[] = [];
  for (let type = prototypeOf(thrown); type !== null && type !== Object.prototype; type = prototypeOf(type)) {
    const name = read(read(type, "constructor"), "name");
    if (typeof name === "string" && name !== "") classes.push(name);
  }
  return classes;
}

function errorData(thrown: unknown, causes: number): ErrorData {
  if (!looksLikeError(thrown)) return { name: "NonError", message: cut(`${shown(thrown)} was thrown`, MAX_MESSAGE) };
  const code = read(thrown, "code");
  const stack = read(thrown, "stack");
  const cause = read(thrown, "cause");
  return {
    name: nameOf(thrown),
    message: cut(messageOf(thrown), MAX_MESSAGE),
    ...((typeof code === "string" && code !== "") || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof stack === "string" ? { stack: cut(stack, MAX_STACK) } : {}),
    ...(cause !== undefined && cause !== null && causes > 0 ? { cause: errorData(cause, causes - 1) } : {}),
  };
}

/** Libraries throw plain objects with a message, too. */
const looksLikeError = (thrown: unknown): thrown is object =>
  typeof thrown === "object" && thrown !== null && (isA(thrown, Error) || typeof read(thrown, "message") === "string");

function nameOf(error: object): string {
  const name = read(error, "name");
  if (typeof name === "string" && name !== "" && name !== "Error") return name;
  // A class that never set its name is better known by the class.
  return errorClasses(error)[0] ?? "Error";
}

function messageOf(error: object): string {
  const said = read(error, "message");
  const message = typeof said === "string" ? said : shown(said);
  const errors = read(error, "errors");
  if (!isA(error, AggregateError) || !Array.isArray(errors)) return message;
  const lines = errors.slice(0, MAX_ERRORS).map((each: unknown, place) => `  ${place + 1}. ${lineOf(each)}`);
  if (errors.length > MAX_ERRORS) lines.push(`  … and ${errors.length - MAX_ERRORS} more`);
  return [message === "" ? "Several errors" : message, ...lines].join("\n");
}

const lineOf = (thrown: unknown): string =>
  looksLikeError(thrown) ? `${nameOf(thrown)}: ${messageOf(thrown)}` : shown(thrown);

function shown(thrown: unknown): string {
  if (typeof thrown === "string") return JSON.stringify(thrown);
  try {
    return (typeof thrown === "object" ? JSON.stringify(thrown) : undefined) ?? String(thrown);
  } catch {
    return `a value of type ${typeof thrown}`;
  }
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  return `${text.slice(0, limit).toWellFormed()}\n… ${text.length - limit} more characters were cut off`;
}

// A getter, or a proxy, may throw: hence the three below.

function isA(value: object, type: ErrorConstructor | AggregateErrorConstructor): boolean {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

function read(from: unknown, key: string): unknown {
  try {
    return (from as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function prototypeOf(value: unknown): object | null {
  try {
    return typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : null;
  } catch {
    return null;
  }
}
