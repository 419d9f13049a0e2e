import type { Duration } from "../core/duration.ts";
import type { SensorManifest } from "../core/manifest.ts";
import type { Context } from "./context.ts";
import type { TaskDefinition } from "./definition.ts";
import { badOption, durationOption, knownOptions, oneOf } from "./known-options.ts";
import type { Mapped } from "./map.ts";
import { checkName } from "./names.ts";
import { refusal } from "./refusal.ts";
import { type Call, callable } from "./task.ts";
import { type ReadOptions, readTaskOptions, TASK_OPTIONS, type TaskOptions } from "./task-options.ts";

/** How a sensor looks, beside what any task takes. */
export interface SensorOptions extends Omit<TaskOptions, "timeout"> {
  /** From the end of one check to the next. `"30s"` or milliseconds. Default: `"1m"`. */
  readonly every?: Duration;
  /** `"exponential"`: twice as long after each check. Default: `"fixed"`. */
  readonly backoff?: "fixed" | "exponential";
  /** The longest that `backoff` makes of `every`. Default: `"1h"`. */
  readonly maxEvery?: Duration;
  /** How long to look, from the first check on; the last check is at its end. Default: `"7d"`. */
  readonly timeout?: Duration;
  /** What follows when that time is over: `"fail"` with `SENSOR_TIMED_OUT`, whatever `retries` say, or `"skip"`. Default: `"fail"`. */
  readonly onTimeout?: "fail" | "skip";
  /** Running time of one check, after which the attempt fails with `TIMED_OUT`. Default: `"1m"`. */
  readonly checkTimeout?: Duration;
}

/** What a check gets as its context: each begins from nothing, so it has no steps and does not wait. */
export type SensorContext = Omit<
  Context,
  "step" | "run" | "sleep" | "waitForEvent" | "approval" | "runWorkflow" | "waitForWindow" | "now" | "random"
>;

/** A sensor as it was defined: placed, mapped and read like any task. */
export type Sensor<In, R> = Call<In, R> &
  Mapped<In, R> & {
    /** One check, to be called plainly, e.g. in a test. */
    readonly fn: (input: In, ctx: SensorContext) => R | undefined | Promise<R | undefined>;
    /** The same sensor with other options; those not given stay as they were. */
    with(options: SensorOptions): Sensor<In, R>;
    /** The same sensor, placed under another name. */
    as(name: string): Sensor<In, R>;
  };

/**
 * Defines a task that waits for something outside: `check` is asked again and again until it returns something else than `undefined`,
 * which is the sensor's output. Between two checks it holds no slot and no memory of a worker. A check that throws fails its attempt, as
 * any task does; the next attempt looks from the beginning.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_BODY`. Where it is placed: as `task`.
 * @example
 * const landed = sensor("file_landed", { every: "30s", timeout: "6h" }, async ({ url }: { url: string }) => {
 *   const response = await fetch(url, { method: "HEAD" });
 *   return response.ok ? { size: Number(response.headers.get("content-length")) } : undefined;
 * });
 */
export function sensor<R, In = void>(
  name: string,
  check: (input: In, ctx: SensorContext) => R,
): Sensor<In, Exclude<Awaited<R>, undefined>>;
export function sensor<R, In = void>(
  name: string,
  options: SensorOptions,
  check: (input: In, ctx: SensorContext) => R,
): Sensor<In, Exclude<Awaited<R>, undefined>>;
export function sensor(name: string, ...rest: readonly unknown[]): never {
  const [options, fn] = rest.length > 1 ? rest : [{}, rest[0]];
  checkName(name, "a sensor");
  if (typeof fn !== "function")
    throw refusal(
      "BAD_BODY",
      `Sensor "${name}" has no function. Write sensor("${name}", { every: "30s" }, async (input, ctx) => …), which returns undefined while it is to look again.`,
    );
  return callable({
    kind: "task",
    name,
    alias: null,
    options: options as TaskOptions,
    readOptions: readSensorOptions,
    fn: fn as TaskDefinition["fn"],
    origin: {},
  }) as never;
}

const SENSOR_OPTIONS = [
  ...TASK_OPTIONS,
  "every",
  "backoff",
  "maxEvery",
  "onTimeout",
  "checkTimeout",
] as const satisfies readonly (keyof SensorOptions)[];

const readSensorOptions: ReadOptions = (given: SensorOptions, what) => {
  const known = knownOptions(given, SENSOR_OPTIONS, what);
  const { every = "1m", backoff, maxEvery = "1h", timeout = "7d", onTimeout, checkTimeout = "1m", ...rest } = known;
  const sensor: SensorManifest = {
    everyMs: longerThanNothing(every, what, "every"),
    backoff: oneOf(backoff, ["fixed", "exponential"], "fixed", what, "backoff"),
    maxEveryMs: longerThanNothing(maxEvery, what, "maxEvery"),
    timeoutMs: longerThanNothing(timeout, what, "timeout"),
    onTimeout: oneOf(onTimeout, ["fail", "skip"], "fail", what, "onTimeout"),
  };
  // A limit for what grows is none for what stays as it was given.
  const maxEveryMs = sensor.backoff === "fixed" ? sensor.everyMs : sensor.maxEveryMs;
  const timeoutMs = longerThanNothing(checkTimeout, what, "checkTimeout");
  return { ...readTaskOptions(rest, what), timeoutMs, sensor: { ...sensor, maxEveryMs } };
};

function longerThanNothing(duration: Duration, what: string, option: string): number {
  const ms = durationOption(duration, what, option) ?? 0;
  if (ms > 0) return ms;
  throw badOption(what, option, duration, "longer than nothing");
}
