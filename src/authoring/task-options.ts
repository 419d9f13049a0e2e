import type { Duration } from "../core/duration.ts";
import type { TaskManifest } from "../core/manifest.ts";
import type { RetryMatcher } from "./built.ts";
import { badOption, durationOption, knownOptions, oneOf, strings, text, wholeNumber } from "./known-options.ts";
import { type Retries, readRetries } from "./retries.ts";

/** How a task is run, given to `task` or to `task.with`. */
export interface TaskOptions {
  /** Tries after the first that failed. Default: 0. */
  readonly retries?: number | Retries;
  /** Running time of one attempt, after which it fails with `TIMED_OUT` and `ctx.signal` aborts. `"15m"` or milliseconds. Default: none. */
  readonly timeout?: Duration;
  /** `"process"`: a process of its own, for code that blocks, leaks or crashes. Default: `"shared"`, with other tasks in a warm one. */
  readonly isolation?: "shared" | "process";
  /** What follows when its worker is lost while it runs; `"fail"` is for code that must not run twice. Default: `"rerun"`. */
  readonly onWorkerLost?: "rerun" | "fail";
  /** Its failure, and the `upstream_failed` that only it causes, do not fail the run. Default: false. */
  readonly allowFailure?: boolean;
  /** The longest list it may be mapped over. Default: 1,000,000. */
  readonly mapLimit?: number;
  /** The connections it may use, of those that its file declares. Default: all of them. */
  readonly connections?: readonly string[];
  /** One or more sentences for people. Default: none. */
  readonly description?: string;
  /** Words to find it by. Default: none. */
  readonly tags?: readonly string[];
}

/** A task's options as the manifest holds them, with the functions that it can't hold. */
export type ReadTaskOptions = Pick<
  TaskManifest,
  | "description"
  | "tags"
  | "retries"
  | "timeoutMs"
  | "isolation"
  | "onWorkerLost"
  | "allowFailure"
  | "mapLimit"
  | "connections"
>;

const TASK_OPTIONS = [
  "retries",
  "timeout",
  "isolation",
  "onWorkerLost",
  "allowFailure",
  "mapLimit",
  "connections",
  "description",
  "tags",
] as const satisfies readonly (keyof TaskOptions)[];

const DEFAULT_MAP_LIMIT = 1_000_000;

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION` */
export function readTaskOptions(
  given: TaskOptions | undefined,
  what: string,
): ReadTaskOptions & { readonly retryOn: readonly RetryMatcher[] } {
  const options = knownOptions(given, TASK_OPTIONS, what);
  const { policy, matchers } = readRetries(options.retries, what);
  const { allowFailure = false } = options;
  if (typeof allowFailure !== "boolean") throw badOption(what, "allowFailure", allowFailure, "true or false");
  return {
    description: text(options.description, what, "description"),
    tags: strings(options.tags, what, "tags") ?? [],
    retries: policy,
    timeoutMs: readTimeout(options.timeout, what),
    isolation: oneOf(options.isolation, ["shared", "process"], "shared", what, "isolation"),
    onWorkerLost: oneOf(options.onWorkerLost, ["rerun", "fail"], "rerun", what, "onWorkerLost"),
    allowFailure,
    mapLimit: options.mapLimit === undefined ? DEFAULT_MAP_LIMIT : wholeNumber(options.mapLimit, 1, what, "mapLimit"),
    connections: strings(options.connections, what, "connections"),
    retryOn: matchers,
  };
}

function readTimeout(timeout: Duration | undefined, what: string): number | null {
  const timeoutMs = durationOption(timeout, what, "timeout");
  if (timeoutMs === 0) throw badOption(what, "timeout", timeout, "longer than nothing; leave it out for none");
  return timeoutMs;
}
