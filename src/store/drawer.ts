/**
 * `state` belongs to one task run, `memory` to a task across runs. `steps`: what the code of a task run has recorded, line by line;
 * it lives and is emptied with `state`, is read whole (`readSteps`), and each line forgives the losses before it.
 */
export type DrawerKey =
  | { readonly drawer: "state"; readonly taskRunId: number; readonly key: string }
  | { readonly drawer: "steps"; readonly taskRunId: number; readonly key: string }
  | { readonly drawer: "memory"; readonly taskId: number; readonly key: string }
  /** Of the body of a flow: what it gives to a task run that it asks for (`inputKey`). */
  | { readonly drawer: "inputs"; readonly taskRunId: number; readonly key: string }
  /** Not a drawer but a place to leave word: an event that comes with the result, once under this key. */
  | { readonly drawer: "events"; readonly taskRunId: number; readonly key: string }
  /** Nor is this: that others may take its value (`made`), or whose it took (`taken`). */
  | { readonly drawer: "cache"; readonly taskRunId: number; readonly key: "made" | "taken" }
  /** Nor is this: it is to stop, by itself, in a run that goes on. Whoever runs it elsewhere asks (`Fleet.heldClaims`). */
  | { readonly drawer: "stop"; readonly taskRunId: number };

/** Fenced like a result: applies only while the task run is running under this claim. */
export interface DrawerWrite {
  readonly taskRunId: number;
  readonly claim: number;
  readonly to: DrawerKey;
  /** Encoded; `null` deletes. */
  readonly value: string | null;
}
