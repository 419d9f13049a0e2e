import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { CachedFrom } from "../core/value.ts";
import type { LogLine } from "../runtime/protocol.ts";

/** What a follower of a run is told, after it is durable. */
export type RunEvent =
  | { readonly kind: "snapshot"; readonly run: RunState; readonly counts: StateCounts }
  | {
      readonly kind: "task";
      readonly task: string;
      readonly mapIndex: number | null;
      readonly state: TaskRunState;
      readonly attempt: number;
      readonly at: Instant;
      readonly error: ErrorData | null;
      readonly skipReason: string | null;
      readonly dueAt: Instant | null;
      /** Whose value it took. Absent: its code ran. */
      readonly cached?: Pick<CachedFrom, "runId" | "madeAt">;
    }
  | {
      readonly kind: "progress";
      readonly task: string;
      readonly mapIndex: number | null;
      readonly done: number;
      readonly total: number;
      readonly note: string | null;
    }
  | { readonly kind: "log"; readonly task: string; readonly mapIndex: number | null; readonly line: LogLine }
  /** The store can't take writes now; the engine holds everything and tries again. */
  | { readonly kind: "trouble"; readonly error: ErrorData }
  | { readonly kind: "run"; readonly state: RunState; readonly counts: StateCounts };

/** How many task runs are in each state; a mapped task without elements counts as one. */
export type StateCounts = Partial<Record<TaskRunState, number>>;

export type RunListener = (event: RunEvent) => void;
