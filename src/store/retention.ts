import type { Instant } from "../core/clock.ts";

export interface PruneOptions {
  /** Runs that ended before this moment, and versions last registered before it. */
  readonly endedBefore: Instant;
  /** Default: all. */
  readonly kinds?: readonly PruneKind[];
  /** Of runs and of versions in this batch. Default: 100. */
  readonly limit?: number;
}

/** `runs`: with their task runs, attempts, outputs and `state` drawers, and alerts that are done with. `versions`: those that nothing refers to, with their bundles. */
export type PruneKind = "runs" | "versions";

export interface PruneResult {
  /** Ids of the runs that are gone: their logs and artifacts can go too. */
  readonly runs: readonly string[];
  readonly versions: number;
  readonly bundles: number;
  /** Whether there is more to prune or to sweep. */
  readonly more: boolean;
}
