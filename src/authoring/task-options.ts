import type { Duration } from "../core/duration.ts";
import type { TaskManifest } from "../core/manifest.ts";
import { ALERT_OPTIONS, type AlertOptions, type AlertReceivers, readAlertOptions } from "./alert-options.ts";
import { type Asset, namedAssets } from "./asset.ts";
import { gatherAssets } from "./asset-options.ts";
import type { RetryMatcher } from "./built.ts";
import { badOption, durationOption, knownOptions, oneOf, strings, text, wholeNumber } from "./known-options.ts";
import { LIMIT_OPTIONS, type LimitOptions, readLimitOptions } from "./limit-options.ts";
import { checkName } from "./names.ts";
import { type Retries, readRetries } from "./retries.ts";

/** How a task is run, given to `task` or to `task.with`. */
export interface TaskOptions extends AlertOptions, LimitOptions {
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
  /** The run of a window begins only when this task has succeeded, or was skipped, in the run of the schedule's window before. Default: false. */
  readonly dependsOnPast?: boolean;
  /** For so long what it returned stands for running it again: a task run with the same input and the same code takes that value. `"1d"` or milliseconds. Default: it always runs. */
  readonly cacheFor?: Duration;
  /** The longest list it may be mapped over. Default: 1,000,000. */
  readonly mapLimit?: number;
  /** Which workers may run it: those that serve this queue. On SQLite the one process there is serves them all. Default: `"default"`. */
  readonly queue?: string;
  /** What it makes: when it has succeeded, these have been updated, which `ctx.materialized` can say more about. Default: nothing. */
  readonly produces?: Asset | readonly Asset[];
  /** What it reads, for people and lineage. Default: nothing. */
  readonly consumes?: Asset | readonly Asset[];
  /** The connections it may use, of those that its file declares. Default: all of them. */
  readonly connections?: readonly string[];
  /** The secrets it may ask for with `ctx.secret`. Default: none. */
  readonly secrets?: readonly string[];
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
  | "cacheForMs"
  | "queue"
  | "dependsOnPast"
  | "produces"
  | "consumes"
  | "assets"
  | "connections"
  | "secrets"
  | "alerts"
  | "deadline"
  | "sensor"
  | (typeof LIMIT_OPTIONS)[number]
>;

/** The functions that a manifest can't hold. */
export interface TaskFunctions {
  readonly retryOn: readonly RetryMatcher[];
  readonly receivers: AlertReceivers | null;
}

/** Checks what a user gave, and separates the functions in it. */
export type ReadOptions = (given: TaskOptions, what: string) => ReadTaskOptions & TaskFunctions;

export const TASK_OPTIONS = [
  "retries",
  "timeout",
  "isolation",
  "onWorkerLost",
  "allowFailure",
  "dependsOnPast",
  "cacheFor",
  "mapLimit",
  "queue",
  "produces",
  "consumes",
  "connections",
  ...LIMIT_OPTIONS,
  "secrets",
  ...ALERT_OPTIONS,
  "description",
  "tags",
] as const satisfies readonly (keyof TaskOptions)[];

const DEFAULT_MAP_LIMIT = 1_000_000;

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `BAD_NAME` */
export function readTaskOptions(given: TaskOptions | undefined, what: string): ReadTaskOptions & TaskFunctions {
  const options = knownOptions(given, TASK_OPTIONS, what);
  const { policy, matchers } = readRetries(options.retries, what);
  const alerts = readAlertOptions(options, what, "task");
  const { allowFailure = false, dependsOnPast = false } = options;
  const produces = namedAssets(options.produces, what, "produces");
  const consumes = namedAssets(options.consumes, what, "consumes");
  const assets = gatherAssets([...(consumes ?? []), ...(produces ?? [])]);
  const cacheForMs = readLength(options.cacheFor, what, "cacheFor");
  const secrets = strings(options.secrets, what, "secrets");
  const plan = { ...alerts.manifest.alerts, ...assets.alerts };
  return {
    description: text(options.description, what, "description"),
    tags: strings(options.tags, what, "tags") ?? [],
    retries: policy,
    timeoutMs: readLength(options.timeout, what, "timeout"),
    isolation: oneOf(options.isolation, ["shared", "process"], "shared", what, "isolation"),
    onWorkerLost: oneOf(options.onWorkerLost, ["rerun", "fail"], "rerun", what, "onWorkerLost"),
    allowFailure: readFlag(allowFailure, what, "allowFailure"),
    mapLimit: options.mapLimit === undefined ? DEFAULT_MAP_LIMIT : wholeNumber(options.mapLimit, 1, what, "mapLimit"),
    ...(readFlag(dependsOnPast, what, "dependsOnPast") && { dependsOnPast: true }),
    // Left out where nobody gave them: a manifest made by an older release, which had neither, stays the same.
    ...(cacheForMs !== null && { cacheForMs }),
    ...(options.queue !== undefined && { queue: checkName(options.queue, `the queue of ${what}`) }),
    ...readLimitOptions(options, what),
    ...alerts.manifest,
    ...(Object.keys(plan).length > 0 && { alerts: plan }),
    ...(produces && { produces: produces.map(({ name }) => name) }),
    ...(consumes && { consumes: consumes.map(({ name }) => name) }),
    ...assets.manifest,
    connections: strings(options.connections, what, "connections"),
    ...(secrets && { secrets }),
    retryOn: matchers,
    receivers: Object.keys(plan).length === 0 ? null : { ...alerts.receivers, ...assets.receivers },
  };
}

function readFlag(value: unknown, what: string, option: string): boolean {
  if (typeof value !== "boolean") throw badOption(what, option, value, "true or false");
  return value;
}

function readLength(time: Duration | undefined, what: string, option: "timeout" | "cacheFor"): number | null {
  const ms = durationOption(time, what, option);
  if (ms === 0) throw badOption(what, option, time, "longer than nothing; leave it out for none");
  return ms;
}
