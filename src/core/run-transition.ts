import type { RunHeader, RunModel } from "./run-model.ts";
import type { RunState } from "./run-state.ts";

/** What a decision has changed about its run. */
export interface RunTransition {
  readonly from: RunState;
  readonly to: RunState;
  readonly cancelRequested: boolean;
  readonly timedOut: boolean;
  readonly generation: number;
}

/** `null`: nothing. */
export function runTransition(before: RunHeader, { header }: Pick<RunModel, "header">): RunTransition | null {
  const { state, cancelRequested, timedOut = false, generation } = header;
  if (
    state === before.state &&
    cancelRequested === before.cancelRequested &&
    timedOut === (before.timedOut ?? false) &&
    generation === before.generation
  )
    return null;
  return { from: before.state, to: state, cancelRequested, timedOut, generation };
}
