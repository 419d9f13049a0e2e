import type { Instant } from "../core/clock.ts";
import type { RunState } from "../core/run-state.ts";

/** What a group changes about its run. What is not given stays. */
export interface RunChange {
  readonly state?: RunState;
  readonly generation?: number;
  readonly versionId?: number;
  readonly cancelRequested?: boolean;
  readonly timedOut?: boolean;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant | null;
}
