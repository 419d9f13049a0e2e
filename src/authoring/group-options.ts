import type { RetryPolicy } from "../core/retry-policy.ts";
import { badOption, knownOptions } from "./known-options.ts";
import { isErrorClass, type Retries, readRetries } from "./retries.ts";

/** How a group is run. */
export interface GroupOptions {
  /**
   * How often the whole group (of a `group.each`: the whole element) starts anew once a task in it failed for good. In `on`, an error is
   * told by its code or class name; a function can't be asked. Default: 0.
   */
  readonly retries?: number | Retries;
}

const GROUP_OPTIONS = ["retries"] as const satisfies readonly (keyof GroupOptions)[];

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION` */
export function readGroupOptions(given: unknown, what: string): RetryPolicy | null {
  const { retries } = knownOptions(given as GroupOptions | undefined, GROUP_OPTIONS, what);
  const { policy, matchers } = readRetries(retries, what);
  if (policy === null) return null;
  const on = policy.on.map((rule, place) => {
    const matcher = matchers[place];
    if (rule.error !== null || matcher === undefined || typeof matcher === "string") return rule;
    // The error was thrown in another process, long ago: what is left of it is its name and code.
    if (isErrorClass(matcher)) return { ...rule, error: matcher.name };
    throw badOption(what, `retries.on[${place}].error`, matcher, "an error code, a class name or a class");
  });
  return { ...policy, on };
}
