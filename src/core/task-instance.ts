import type { Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { ListReports } from "./value.ts";
import type { Wait } from "./wait.ts";

/** Of an error, what rules ask about. Not the rest: ten thousand stacks would fill the memory. */
export type Failed = Pick<ErrorData, "name" | "code">;

export const failedWith = ({ name, code }: ErrorData): Failed => (code === undefined ? { name } : { name, code });

/** One task run as `decide` sees it: what the store's row holds, without values. Changed only by `decide`. */
export interface TaskInstance {
  /** The task's place in the manifest. */
  readonly task: number;
  /** `null`: not mapped, or the placeholder of a mapped task that has no elements yet. */
  readonly index: number | null;
  /** The store's id; 0: no row yet. */
  id: number;
  state: TaskRunState;
  claim: number;
  attempt: number;
  generation: number;
  /**
   * The run's generation, then the retries in it of each enclosing group that has retries, outermost first. Empty without such groups.
   * Of a setup, which stands in none: the generation in which it last started anew, and the claim that it had then.
   */
  groupRetries: readonly number[];
  discarded: number;
  losses: number;
  /** The claim that was told to stop by itself, in a run that goes on; 0: none. */
  stopClaim: number;
  /** The task whose end let it start. */
  waitedFor: number | null;
  queuedAt: Instant | null;
  claimedAt: Instant | null;
  dueAt: Instant | null;
  worker: string | null;
  /** What this attempt last gave its slot back for. */
  wait: Wait | null;
  lists: ListReports | null;
  arms: readonly string[] | null;
  /** What its last execution failed with. */
  failure: Failed | null;
}

export const newInstance = (task: number, index: number | null, groupRetries: readonly number[]): TaskInstance => ({
  task,
  index,
  id: 0,
  state: "waiting",
  claim: 0,
  attempt: 1,
  generation: 1,
  groupRetries,
  discarded: 0,
  losses: 0,
  stopClaim: 0,
  waitedFor: null,
  queuedAt: null,
  claimedAt: null,
  dueAt: null,
  worker: null,
  wait: null,
  lists: null,
  arms: null,
  failure: null,
});
