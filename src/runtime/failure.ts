import type { RetryMatcher } from "../authoring/built.ts";
import { FailWithoutRetry, RetryAfter, SkipTask } from "../authoring/control.ts";
import { TaskSkipped } from "../authoring/task-ended.ts";
import { errorClasses, toErrorData } from "../core/error-data.ts";
import { TuttiError } from "../core/errors.ts";
import type { Outcome } from "./protocol.ts";

/** Errors that no retry mends. */
const FINAL_CODES: ReadonlySet<string> = new Set(["VERSION_DIFFERS", "WORKFLOW_NOT_IN_CODE", "STEPS_CHANGED"]);

/** What a task threw, as how it ended. */
export function failure(thrown: unknown, matchers: readonly RetryMatcher[]): Outcome {
  if (thrown instanceof SkipTask || thrown instanceof TaskSkipped) return { state: "skipped", reason: thrown.reason };
  const final = thrown instanceof FailWithoutRetry || (thrown instanceof TuttiError && FINAL_CODES.has(thrown.code));
  const retryAfterMs = thrown instanceof RetryAfter ? thrown.delayMs : null;
  const rule = final ? null : matchingRule(thrown, matchers);
  return { state: "failed", error: toErrorData(thrown), rule, retryAfterMs, final };
}

/** The place of the first rule that matches; `null`: none does. */
export function matchingRule(thrown: unknown, matchers: readonly RetryMatcher[]): number | null {
  const rule = matchers.findIndex((matcher) => matches(thrown, matcher));
  return rule === -1 ? null : rule;
}

function matches(thrown: unknown, matcher: RetryMatcher): boolean {
  if (typeof matcher === "string")
    return codeOf(thrown) === matcher || nameOf(thrown) === matcher || errorClasses(thrown).includes(matcher);
  if (isErrorClass(matcher)) return thrown instanceof matcher;
  try {
    return matcher(thrown as Error);
  } catch (error) {
    console.warn(
      `A function in "retries.on" threw and counts as no match: ${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
}

const nameOf = (thrown: unknown): string | null => (thrown instanceof Error ? thrown.name : null);
const codeOf = (thrown: unknown): unknown =>
  typeof thrown === "object" && thrown !== null ? (thrown as { code?: unknown }).code : undefined;

const isErrorClass = (matcher: RetryMatcher): matcher is new (...args: never[]) => Error =>
  typeof matcher === "function" && (matcher === Error || matcher.prototype instanceof Error);
