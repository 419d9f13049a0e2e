import { TuttiError } from "../core/errors.ts";

/**
 * What `ctx.run` rejects with when the task has failed for good, or was cancelled. Only where the body of the flow lets it escape does the
 * flow fail. `cause` is what the task threw, to look at: after a restart it is of no class of yours any more.
 *
 * @example
 * const charge = task("charge", async ({ card }: { card: string }) => `charged ${card}`);
 * const order = flow("order", {}, async (_, ctx) => {
 *   try {
 *     await ctx.run(charge, { card: "4000" });
 *   } catch (error) {
 *     if (!(error instanceof TaskFailed)) throw error;
 *     ctx.log.warn(`${error.task} failed`, { why: error.message });
 *   }
 * });
 */
export class TaskFailed extends TuttiError {
  /** Its name in the flow. */
  readonly task: string;
  /** Its number among the runs of this task, from 0. */
  readonly index: number;
  readonly state: "failed" | "cancelled";

  constructor(task: string, index: number, state: "failed" | "cancelled", message: string, options?: ErrorOptions) {
    super("TASK_FAILED", message, options);
    this.name = "TaskFailed";
    this.task = task;
    this.index = index;
    this.state = state;
  }
}

/** What `ctx.run` rejects with when the task has skipped itself: it gave no value. A flow that lets it escape is skipped too, for the same reason. */
export class TaskSkipped extends TuttiError {
  /** Its name in the flow. */
  readonly task: string;
  /** Its number among the runs of this task, from 0. */
  readonly index: number;
  /** What it gave to `ctx.skip`. */
  readonly reason: string;

  constructor(task: string, index: number, reason: string) {
    super("TASK_SKIPPED", `Task "${task}" was skipped: ${reason}`);
    this.name = "TaskSkipped";
    this.task = task;
    this.index = index;
    this.reason = reason;
  }
}
