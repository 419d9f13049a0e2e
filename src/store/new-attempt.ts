import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";

/** One end of an attempt. Append-only. */
export interface NewAttempt {
  /** The id, or the place in this group's `inserts`, of the task run. */
  readonly taskRun: { readonly id: number } | { readonly insert: number };
  readonly generation: number;
  readonly attempt: number;
  /** 0: decided, never executed. */
  readonly claim: number;
  readonly worker: string | null;
  readonly versionId: number;
  /** The task whose end let it start; `null`: nothing did. */
  readonly waitedFor: number | null;
  readonly queuedAt: Instant | null;
  readonly claimedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  readonly outcome: "succeeded" | "failed" | "skipped" | "cancelled" | "upstream_failed" | "lost";
  readonly error: ErrorData | null;
}
