import type { ErrorData } from "../core/errors.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import type { StoredValue } from "../core/value.ts";

/** Some elements of a task: the first and the last. */
export interface TaskIdRange {
  readonly taskId: number;
  readonly from: number;
  readonly to: number;
}

/** What a task run came to. */
export interface TaskRunEnd {
  readonly taskId: number;
  readonly mapIndex: number;
  readonly state: TaskRunState;
  readonly output: StoredValue | null;
  readonly error: ErrorData | null;
  readonly skipReason: string | null;
}
