import type { Duration } from "../core/duration.ts";
import type { RetryPolicy, RetryRule } from "../core/retry-policy.ts";
import type { RetryMatcher } from "./built.ts";
import { badOption, durationOption, knownOptions, oneOf, wholeNumber } from "./known-options.ts";

/**
 * How a failed task is tried again. Just a number is `{ limit }`.
 *
 * @example
 * const pull = task("pull", { retries: { limit: 3, delay: "10s", on: [{ error: "AUTH_FAILED", limit: 0 }] } }, async () => "rows");
 */
export interface Retries {
  /** Tries after the first. A task without `retries` has none. */
  readonly limit: number;
  /** How the delay grows from try to try: not at all, by `delay`, or by doubling. Default: `"exponential"`. */
  readonly backoff?: "fixed" | "linear" | "exponential";
  /** Before the second try. Default: `"1s"`. */
  readonly delay?: Duration;
  /** No delay is longer. Default: `"10m"`, or `delay` if that is longer. */
  readonly maxDelay?: Duration;
  /** `"full"`: a random delay between none and the one computed, so that tasks which failed together don't return together. Default: `"full"`. */
  readonly jitter?: "full" | "none";
  /** Exceptions; the first rule that matches decides. Default: none. */
  readonly on?: readonly RetryOn[];
}

export interface RetryOn {
  /** An error's `code` or class name, its class, or a function that tells. */
  readonly error: string | (new (...args: any[]) => Error) | ((error: Error) => boolean);
  /** Tries after the first for this error. Default: that of the task. */
  readonly limit?: number;
  /** The delay for this error; it grows, is capped and varies as the task's own would. Default: that of the task. */
  readonly delay?: Duration;
}

export interface ReadRetries {
  readonly policy: RetryPolicy | null;
  /** By place in `policy.on`. */
  readonly matchers: readonly RetryMatcher[];
}

const FIELDS = ["limit", "backoff", "delay", "maxDelay", "jitter", "on"] as const satisfies readonly (keyof Retries)[];
const RULE_FIELDS = ["error", "limit", "delay"] as const satisfies readonly (keyof RetryOn)[];

const DEFAULT_DELAY_MS = 1000;
const DEFAULT_MAX_DELAY_MS = 600_000;

/** @throws TuttiError `BAD_OPTION`, `UNKNOWN_OPTION`, `BAD_DURATION` */
export function readRetries(given: number | Retries | undefined, what: string): ReadRetries {
  if (given === undefined) return { policy: null, matchers: [] };
  const retries: Retries = typeof given === "number" ? { limit: given } : knownOptions(given, FIELDS, what, "retries");
  const limit = wholeNumber(retries.limit, 0, what, typeof given === "number" ? "retries" : "retries.limit");
  const delayMs = durationOption(retries.delay, what, "retries.delay") ?? DEFAULT_DELAY_MS;
  const rules = readRules(retries.on, what);
  const policy: RetryPolicy = {
    limit,
    backoff: oneOf(retries.backoff, ["fixed", "linear", "exponential"], "exponential", what, "retries.backoff"),
    delayMs,
    maxDelayMs: durationOption(retries.maxDelay, what, "retries.maxDelay") ?? Math.max(DEFAULT_MAX_DELAY_MS, delayMs),
    jitter: oneOf(retries.jitter, ["full", "none"], "full", what, "retries.jitter"),
    on: rules.map(({ rule }) => rule),
  };
  return { policy: limit === 0 && rules.length === 0 ? null : policy, matchers: rules.map(({ matcher }) => matcher) };
}

/** `Error` or a class made of it, as opposed to a function that is asked. */
export const isErrorClass = (matcher: RetryMatcher): matcher is new (...args: never[]) => Error =>
  typeof matcher === "function" && ((matcher as unknown) === Error || (matcher.prototype as unknown) instanceof Error);

function readRules(on: readonly RetryOn[] | undefined, what: string): { rule: RetryRule; matcher: RetryMatcher }[] {
  if (on === undefined) return [];
  if (!Array.isArray(on))
    throw badOption(what, "retries.on", on, 'a list of rules such as { error: "AUTH_FAILED", limit: 0 }');
  return on.map((one: RetryOn, place) => {
    const at = `retries.on[${place}]`;
    const { error, limit, delay } = knownOptions(one, RULE_FIELDS, what, at);
    if (typeof error !== "function" && (typeof error !== "string" || error === ""))
      throw badOption(what, `${at}.error`, error, "an error code, a class name, a class, or a function");
    const rule: RetryRule = {
      error: typeof error === "string" ? error : null,
      limit: limit === undefined ? null : wholeNumber(limit, 0, what, `${at}.limit`),
      delayMs: durationOption(delay, what, `${at}.delay`),
    };
    return { rule, matcher: error };
  });
}
