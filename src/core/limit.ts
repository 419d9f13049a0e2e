import type { Instant } from "./clock.ts";

/** What becomes of a task run whose place is taken: it waits, it is skipped, or the one that has run longest is cancelled for it. */
export const ON_LIMITS = ["queue", "skip", "cancel_oldest"] as const;
export type OnLimit = (typeof ON_LIMITS)[number];

/** How many task runs of a task may run at once, in all runs together. */
export interface ConcurrencyManifest {
  readonly limit: number;
  /** Where in the task's input stands what is counted apart; absent: all of its task runs together. */
  readonly key?: readonly string[];
  /** Absent: `queue`. */
  readonly onLimit?: Exclude<OnLimit, "queue">;
}

/** How many task runs of a task may start within a time, in all runs together. */
export interface RateManifest {
  readonly limit: number;
  readonly perMs: number;
  readonly key?: readonly string[];
}

/** What one task run takes of a limit while it runs; of a rate, from its start until `perMs` later. */
export interface LimitUse {
  readonly name: string;
  readonly slots: number;
  /** How much there is in all; `null`: as the pool's row says. */
  readonly max: number | null;
  /** `null`: what it takes it gives back when it has ended. */
  readonly perMs: number | null;
}

/** The name under which a pool's slots are counted. */
export const poolLimit = (pool: string): string => `${POOL}${pool}`;
const POOL = "pool ";

/** The pool that a limit is; `null`: it is another limit. */
export const poolOf = (name: string): string | null => (name.startsWith(POOL) ? name.slice(POOL.length) : null);

/** `task`: the store's id. */
export const concurrencyLimit = (task: number, key: string | null): string =>
  `task ${task}${key === null ? "" : ` ${key}`}`;

export const rateLimit = (task: number, key: string | null): string => `rate ${task}${key === null ? "" : ` ${key}`}`;

export const runLimit = (runId: string): string => `run ${runId}`;

/** One more of priority is worth so long a wait: whatever has waited long enough comes before what is urgent. */
const PRIORITY_US = 60_000_000;
/** Behind whatever is no part of a backfill. */
const BACKFILL_US = 10 * 365 * 86_400_000_000;

/** By this number, the smallest first, task runs that stand in line are served. It is fixed when they are queued. */
export const rankOf = (queuedAt: Instant, priority: number, isBackfill: boolean): number =>
  queuedAt - priority * PRIORITY_US + (isBackfill ? BACKFILL_US : 0);
