import { type Duration, parseDuration } from "../core/duration.ts";
import { TuttiError } from "../core/errors.ts";
import { didYouMean } from "./nearest.ts";
import { refusal } from "./refusal.ts";

/**
 * Options as an object whose keys are all known; `undefined` is none at all.
 *
 * @throws TuttiError `UNKNOWN_OPTION`, which lists those that `what` takes; `BAD_OPTION` when it is no object.
 */
export function knownOptions<T extends object>(
  options: T | undefined,
  known: readonly (keyof T & string)[],
  what: string,
  prefix = "",
): T {
  if (options === undefined) return {} as T;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw badOption(what, prefix === "" ? "options" : prefix, options, "an object");
  for (const key of Object.keys(options)) {
    if ((known as readonly string[]).includes(key)) continue;
    const list = known.map((name) => `"${name}"`).join(", ");
    throw refusal(
      "UNKNOWN_OPTION",
      `${what} has an unknown option "${prefix === "" ? key : `${prefix}.${key}`}".${didYouMean(key, known)} It takes: ${list}.`,
    );
  }
  return options;
}

export const badOption = (what: string, option: string, got: unknown, wanted: string) =>
  refusal("BAD_OPTION", `${what}: option "${option}" must be ${wanted}; got ${shown(got)}.`);

/** Milliseconds; `null` when not given. */
export const durationOption = (duration: Duration | undefined, what: string, option: string): number | null =>
  duration === undefined ? null : within(`${what}: option "${option}"`, () => parseDuration(duration));

/** What `read` gives; an error of ours from it says first what it is about, and where the user wrote it. */
export function within<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error;
    throw refusal(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

export function wholeNumber(value: unknown, least: number, what: string, option: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw badOption(what, option, value, `a whole number, ${least} or more`);
}

export function oneOf<T extends string>(
  value: T | undefined,
  choices: readonly T[],
  fallback: T,
  what: string,
  option: string,
): T {
  if (value === undefined) return fallback;
  if (choices.includes(value)) return value;
  throw badOption(what, option, value, `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`);
}

export function strings(value: readonly string[] | undefined, what: string, option: string): readonly string[] | null {
  if (value === undefined) return null;
  if (Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "")) return [...value];
  throw badOption(what, option, value, "a list of texts");
}

export function text(value: string | undefined, what: string, option: string): string | null {
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  throw badOption(what, option, value, "a text");
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : String(value);
}
