import type { Instant } from "./clock.ts";

/** A task's output as it rests: small ones beside the task run, large ones as a frame in the artifact store. */
export type StoredValue =
  | { readonly kind: "inline"; readonly text: string }
  | { readonly kind: "frame"; readonly uri: string; readonly bytes: number };

/**
 * What the worker that made a value says about the lists in it that the graph maps over, by probe key (`core/graph.ts`).
 * `value`: the list itself, where a `pick` made it. `error`: it is no list, or the pick threw.
 */
export type ListReports = Readonly<Record<string, ListReport>>;
export type ListReport =
  | { readonly length: number; readonly value?: StoredValue }
  | { readonly error: { readonly code: string; readonly message: string } };

/** Whose value a task run took instead of running its own code. */
export interface CachedFrom {
  readonly runId: string;
  readonly taskRunId: number;
  /** Of the attempt that made it: what that wrote stays while the value is in use. */
  readonly claim: number;
  readonly firstClaim: number;
  readonly madeAt: Instant;
}

/** Of a success that may stand for others, or that another one stands for. */
export interface CacheFacts {
  /** Under which others may take its value. Absent: nobody may. */
  readonly cacheKey?: string;
  /** Whose value it took. Absent: its code made it. */
  readonly cached?: CachedFrom;
}
