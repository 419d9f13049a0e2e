import type { Instant } from "../core/clock.ts";

/**
 * What is shared and counted: pools, and what task runs take of limits while they run. A claim that takes something is written only
 * where there is room for it (`RunGroup.uses`), so no limit is exceeded with any number of claimers; and what it takes is a row beside
 * the running row, which goes in the transaction that ends it, so nothing leaks.
 */
export interface Limits extends LimitReader {
  /**
   * What a configuration says. A pool's size is set where the configuration says another one than the last time, so that one that
   * somebody has changed since stays as it is. Pools that it names no more stay for the runs that know them.
   */
  declare(pools: readonly DeclaredPool[], at: Instant): Promise<void>;
  /** Makes sure that these are there; sizes of those that are stay as they are. */
  ensure(pools: readonly DeclaredPool[], at: Instant): Promise<void>;
  /** Answers the pool as it was before; `null`: there is none of that name, and nothing is written. */
  resize(pool: PoolChange): Promise<PoolRecord | null>;
}

/** Reads what is taken of what. */
export interface LimitReader {
  /** By name. */
  pools(): Promise<readonly PoolRecord[]>;
  /** How much is taken of these, without what these task runs hold themselves. */
  usage(names: readonly string[], without?: readonly number[]): Promise<readonly LimitUsage[]>;
  /** Which of these task runs hold something, but for rates. */
  held(taskRunIds: readonly number[]): Promise<readonly number[]>;
  /** What runs under a limit, the one that has for longest first. */
  holders(name: string, limit: number): Promise<readonly LimitHolder[]>;
}

export interface DeclaredPool {
  readonly name: string;
  readonly slots: number;
}

export interface PoolChange extends DeclaredPool {
  readonly by: string;
  readonly at: Instant;
}

export interface PoolRecord extends DeclaredPool {
  /** How many slots are taken. */
  readonly used: number;
  /** As the configuration says; `null`: it names it no more. */
  readonly declared: number | null;
  readonly changedAt: Instant;
  /** `null`: the configuration. */
  readonly changedBy: string | null;
}

export interface LimitUsage {
  readonly name: string;
  readonly used: number;
  /** Of a pool; `null`: it is none, or there is none of that name. */
  readonly max: number | null;
  /** Of a rate: when the first of what is taken is free again. `null`: nothing comes by time. */
  readonly freeInMs: number | null;
}

export interface LimitHolder {
  readonly runId: string;
  readonly taskRunId: number;
  readonly workflow: string;
  readonly task: string;
  readonly mapIndex: number | null;
  readonly slots: number;
  readonly since: Instant;
}

/** What a group takes of a limit for a task run that it claims or offers. */
export interface NewUse {
  readonly taskRunId: number;
  /** The claim that it is taken for. */
  readonly claim: number;
  readonly name: string;
  readonly slots: number;
  /** How much there is in all; `null`: as the pool's row says. */
  readonly max: number | null;
  /** Of a rate: how long it counts. `null`: until the task run ends. */
  readonly perMs: number | null;
}
