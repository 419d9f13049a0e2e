import { TuttiError } from "../core/errors.ts";
import type { Duration } from "../core/duration.ts";

/** A run that `ctx.runWorkflow` started, and that has succeeded. */
export interface WorkflowRun {
  readonly id: string;
  /** Of a flow: what its body returned. Of a graph: what its last tasks returned, those that nothing depends on, by name; of a mapped one, a list. */
  readonly output: unknown;
}

/** A run that `ctx.waitForWindow` has waited for. */
export interface WindowRun {
  readonly id: string;
  readonly interval: { readonly start: Date; readonly end: Date };
}

export interface WaitForWindowOptions {
  /** The window that has to be done. Default: this run's own, `ctx.interval`. */
  readonly interval?: { readonly start: Date; readonly end: Date };
  /** How long to wait, from the first call on; then `WINDOW_TIMED_OUT`. Default: as long as it takes. */
  readonly timeout?: Duration;
  /** What follows where a run of it has failed: it may be retried, or this fails with `RunFailed`. Default: `"wait"`. */
  readonly onFailure?: "wait" | "fail";
}

/**
 * What `ctx.runWorkflow` rejects with when the run has failed or was cancelled. `cause` is what its first failed task threw. In the next
 * attempt another run is started.
 *
 * @example
 * const report = task("report", async (_: void, ctx) => {
 *   try {
 *     return (await ctx.runWorkflow("retail")).output;
 *   } catch (error) {
 *     if (!(error instanceof RunFailed)) throw error;
 *     return `${error.workflow} ${error.state}: run ${error.runId}`;
 *   }
 * });
 */
export class RunFailed extends TuttiError {
  readonly runId: string;
  readonly workflow: string;
  readonly state: "failed" | "cancelled";

  constructor(runId: string, workflow: string, state: "failed" | "cancelled", message: string, options?: ErrorOptions) {
    super("RUN_FAILED", message, options);
    this.name = "RunFailed";
    this.runId = runId;
    this.workflow = workflow;
    this.state = state;
  }
}
