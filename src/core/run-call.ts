import type { Instant } from "./clock.ts";
import type { EndedTask } from "./ended-task.ts";
import type { RunState } from "./run-state.ts";

/** A run of another workflow that a task run asks for, and waits for the end of. */
export interface RunAsk {
  /** Of the run: given by whoever asks, so asked for twice it is one. */
  readonly id: string;
  readonly workflow: string;
  /** As the value codec encodes them; `null`: none. */
  readonly params: string | null;
}

/** What says that a run that was asked for can't be: nothing starts by it, only who asked hears of it. Under the name of the workflow. */
export const REFUSED_RUN = "refused";

/** A run that was asked for is refused once. */
export const refusalUid = (runId: string): string => `refused ${runId}`;

/** What a body asks about runs that are not its own, as JSON. */
export type RunQuestion =
  /** Its end is told from now on to whoever waits for it. */
  | { readonly kind: "follow"; readonly workflow: string }
  | { readonly kind: "end"; readonly run: string }
  | { readonly kind: "windows"; readonly workflow: string; readonly start: Instant; readonly end: Instant };

export interface RunEnd {
  readonly state: RunState;
  /** Of a run that has succeeded: its last tasks, or the body of a flow, with what they returned. Of any other: the first that failed. */
  readonly tasks: readonly (EndedTask & { readonly name: string; readonly mapped: boolean })[];
  /** Its one task is the body of a flow. */
  readonly isFlow: boolean;
}

/** A run of another workflow with its window. */
export interface WindowOfRun {
  readonly id: string;
  readonly state: RunState;
  readonly start: Instant;
  readonly end: Instant;
}
