import type { Duration } from "../core/duration.ts";
import { ON_LIMITS } from "../core/limit.ts";
import type { TaskManifest } from "../core/manifest.ts";
import { badOption, durationOption, knownOptions, oneOf, wholeNumber } from "./known-options.ts";
import { checkName } from "./names.ts";

/** How many task runs of a task may run at once, in all runs together. */
export interface Concurrency {
  /** So many at once. */
  readonly limit: number;
  /** Where in the task's input stands what is counted apart: `"customer"`, or `"order.customer"` for a field of a field. A text, a number or true or false stands there. Default: all of its task runs are counted together. */
  readonly key?: string;
  /** What becomes of one more: it waits its turn, it is skipped, or the one that has run longest is cancelled for it. Default: `"queue"`. */
  readonly onLimit?: "queue" | "skip" | "cancel_oldest";
}

/** How many task runs of a task may start within a time, in all runs together. Each attempt counts. */
export interface RateLimit {
  /** So many … */
  readonly limit: number;
  /** … within this, whenever it begins. `"1m"` or milliseconds, at most 31 days. */
  readonly per: Duration;
  /** As in `concurrency`. Default: all of its task runs are counted together. */
  readonly key?: string;
}

/** What limits when a task may start, as any task takes it. */
export interface LimitOptions {
  /** The pool, declared in `tutti.config.ts`, of which it takes `slots` while it runs; all tasks that name it share it. Default: none. */
  readonly pool?: string;
  /** How many slots of its pool it takes. Default: 1. */
  readonly slots?: number;
  /** Who comes first where there is not room for all: the higher number. One more is worth a minute of waiting, so nobody waits for ever. Between -1,000 and 1,000. Default: 0. */
  readonly priority?: number;
  /** How many of its task runs may run at once, in all runs together; a number is `{ limit }`. Default: any number. */
  readonly concurrency?: number | Concurrency;
  /** How many of its task runs may start within a time, in all runs together. Default: any number. */
  readonly rateLimit?: RateLimit;
}

export const LIMIT_OPTIONS = [
  "pool",
  "slots",
  "priority",
  "concurrency",
  "rateLimit",
] as const satisfies readonly (keyof LimitOptions)[];

type ReadLimits = Pick<TaskManifest, (typeof LIMIT_OPTIONS)[number]>;

const MOST = 1_000;
const LONGEST_MS = 31 * 86_400_000;

/** Left out where nobody gave them: a manifest made by an older release, which had none, stays the same. @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_DURATION`, `BAD_NAME` */
export function readLimitOptions(options: LimitOptions, what: string): ReadLimits {
  const { pool, slots, priority } = options;
  if (slots !== undefined && pool === undefined)
    throw badOption(what, "slots", slots, `given together with "pool", of which they are`);
  return {
    ...(pool !== undefined && { pool: checkName(pool, `the pool of ${what}`) }),
    ...(slots !== undefined && { slots: wholeNumber(slots, 1, what, "slots") }),
    ...readPriority(priority, what),
    ...readConcurrency(options.concurrency, what),
    ...readRate(options.rateLimit, what),
  };
}

function readPriority(priority: number | undefined, what: string): ReadLimits {
  if (priority === undefined || priority === 0) return {};
  if (Number.isFinite(priority) && Math.abs(priority) <= MOST) return { priority };
  throw badOption(what, "priority", priority, "a number between -1,000 and 1,000");
}

function readConcurrency(given: number | Concurrency | undefined, what: string): ReadLimits {
  if (given === undefined) return {};
  const asked = typeof given === "number" ? { limit: given } : given;
  const { limit, key, onLimit } = knownOptions<Concurrency>(asked, ["limit", "key", "onLimit"], what, "concurrency");
  const rule = oneOf(onLimit, ON_LIMITS, "queue", what, "concurrency.onLimit");
  return {
    concurrency: {
      limit: wholeNumber(limit, 1, what, "concurrency.limit"),
      ...readKey(key, what, "concurrency.key"),
      ...(rule !== "queue" && { onLimit: rule }),
    },
  };
}

function readRate(given: RateLimit | undefined, what: string): ReadLimits {
  if (given === undefined) return {};
  const { limit, per, key } = knownOptions<RateLimit>(given, ["limit", "per", "key"], what, "rateLimit");
  const perMs = durationOption(per, what, "rateLimit.per");
  if (perMs === null || perMs === 0 || perMs > LONGEST_MS)
    throw badOption(what, "rateLimit.per", per, `a length of time up to 31 days, such as "1m"`);
  return {
    rateLimit: { limit: wholeNumber(limit, 1, what, "rateLimit.limit"), perMs, ...readKey(key, what, "rateLimit.key") },
  };
}

function readKey(key: unknown, what: string, option: string): { readonly key?: readonly string[] } {
  if (key === undefined) return {};
  if (typeof key === "string" && key.split(".").every((part) => part !== "")) return { key: key.split(".") };
  throw badOption(what, option, key, `the name of a field of its input, such as "customer" or "order.customer"`);
}
