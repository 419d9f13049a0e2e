import type { Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import type { RunState } from "./run-state.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { TriggerRule } from "./trigger-rule.ts";
import type { CachedFrom } from "./value.ts";

/** A task run of a run, as people name it. */
export interface NamedTaskRun {
  readonly task: string;
  readonly mapIndex: number | null;
  readonly state: TaskRunState;
}

/** A limit that a task run waits for, or takes. */
export interface LimitReason {
  readonly kind: "limit";
  readonly limit: "pool" | "concurrency" | "maxActiveTasks" | "rateLimit";
  /** The pool's name, the task's, or the run's id; of a key with it. */
  readonly name: string;
  readonly key: string | null;
  readonly slots: number;
  readonly used: number;
  /** `null`: there is no pool of that name. */
  readonly max: number | null;
  /** Who has it, the longest first; at most ten. */
  readonly holders: readonly {
    readonly runId: string;
    readonly workflow: string;
    readonly task: string;
    readonly mapIndex: number | null;
    readonly since: Instant;
  }[];
  /** Of a rate: when there is room again. */
  readonly freeInMs: number | null;
  /** How many that want it come before; `null`: it is not known. */
  readonly ahead: number | null;
}

/** Why a task run is not further than it is, or why it ended as it did. */
export type Reason =
  /** The run is held back. */
  | {
      readonly kind: "run_queued";
      readonly paused: { readonly at: Instant; readonly by: string } | null;
      readonly atWork: number;
      readonly maxActiveRuns: number | null;
      readonly dependsOnPast: readonly string[];
    }
  | { readonly kind: "cancelling" }
  /** These have to end before its trigger rule can say whether it runs. */
  | {
      readonly kind: "upstream";
      readonly rule: TriggerRule;
      readonly waitsFor: readonly NamedTaskRun[];
      readonly more: number;
    }
  /** A group around one of them may run again. */
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "length"; readonly waitsFor: readonly NamedTaskRun[] }
  | LimitReason
  | { readonly kind: "no_worker"; readonly queue: string }
  | { readonly kind: "no_scheduler" }
  | { readonly kind: "slots_taken"; readonly slots: number; readonly queue: string }
  | {
      readonly kind: "timer";
      readonly until: Instant;
      readonly what: "sleep" | "sensor" | "retry";
      readonly error: ErrorData | null;
      readonly attempt: number;
      readonly checks: number | null;
    }
  /** These have to end, which it has asked for; and it may wait for more. */
  | { readonly kind: "run"; readonly runs: readonly { readonly id: string; readonly workflow: string }[] }
  | { readonly kind: "event"; readonly names: readonly string[]; readonly until: Instant | null }
  | {
      readonly kind: "running";
      readonly worker: string | null;
      readonly since: Instant | null;
      readonly attempt: number;
    }
  | { readonly kind: "failed"; readonly error: ErrorData | null; readonly attempt: number; readonly retries: number }
  /** What failed first on the way to it. */
  | {
      readonly kind: "upstream_failed";
      readonly causes: readonly (NamedTaskRun & { readonly error: ErrorData | null })[];
    }
  | { readonly kind: "skipped"; readonly reason: string | null; readonly because: readonly NamedTaskRun[] }
  | { readonly kind: "cancelled" }
  /** `cached`: whose value it took. Absent: its code ran. */
  | {
      readonly kind: "succeeded";
      readonly endedAt: Instant | null;
      readonly cached?: Pick<CachedFrom, "runId" | "madeAt">;
    };

export interface TaskExplanation extends NamedTaskRun {
  readonly reasons: readonly Reason[];
}

export interface RunExplanation {
  readonly runId: string;
  readonly workflow: string;
  readonly state: RunState;
  /** About the run as a whole. */
  readonly reasons: readonly Reason[];
  /** Of a run that goes on: what it waits for; of one that failed: what failed. */
  readonly tasks: readonly TaskExplanation[];
  /** How many more there are of those. */
  readonly more: number;
}
