import { RUN_STATES, type RunState } from "../../../src/core/run-state.ts";
import { TASK_RUN_STATES, type TaskRunState } from "../../../src/core/task-run-state.ts";

/** Every state that something can be in; the words of code, command line and docs. */
export const STATES = [...new Set<State>([...TASK_RUN_STATES, ...RUN_STATES])];
export type State = TaskRunState | RunState;
export { RUN_STATES, TASK_RUN_STATES, type RunState, type TaskRunState };

/** What has no state of its own but a mark. */
export const MARKS = ["late", "slow", "person", "dot"] as const;
export type MarkName = State | (typeof MARKS)[number];

const WORST_FIRST: readonly State[] = [
  "failed",
  "up_for_retry",
  "running",
  "queued",
  "deferred",
  "upstream_failed",
  "cancelled",
  "waiting",
  "succeeded",
  "skipped",
  "removed",
];

/** Of several, the one that stands for all. */
export const worstOf = (states: Iterable<State>): State => {
  const all = new Set(states);
  return WORST_FIRST.find((state) => all.has(state)) ?? "waiting";
};

const ENDED: readonly State[] = ["succeeded", "failed", "skipped", "upstream_failed", "cancelled", "removed"];
export const hasEnded = (state: State): boolean => ENDED.includes(state);

/** A state's colour, as a token. */
export const colourOf = (state: MarkName): string =>
  state === "late" || state === "slow" ? "--up-for-retry" : `--${state.replaceAll("_", "-")}`;
