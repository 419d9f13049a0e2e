import type { ErrorData } from "./errors.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { StoredValue } from "./value.ts";
import type { ElementRange } from "./wait.ts";

/** The key under which a body asks what has ended, as JSON. */
export type EndsQuestion = readonly ElementRange[];

/** One that has; `task`: its place in the manifest. */
export interface EndedTask {
  readonly task: number;
  readonly index: number;
  readonly state: TaskRunState;
  readonly output: StoredValue | null;
  readonly error: ErrorData | null;
  readonly skipReason: string | null;
}

/** `more`: ask again for what is not among these. */
export interface EndsAnswer {
  readonly ends: readonly EndedTask[];
  readonly more: boolean;
}
