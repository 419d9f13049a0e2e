import type { Attempt } from "./attempt.ts";
import type { AbortReason, Assignment } from "./protocol.ts";

/** Code that waits in this process without a slot, on a promise that has not settled. */
export class ParkedAttempts {
  readonly #byRun = new Map<string, Map<number, Attempt>>();

  add(attempt: Attempt): void {
    const { runId, taskRunId } = attempt.task;
    const ofRun = this.#byRun.get(runId) ?? new Map<number, Attempt>();
    this.#byRun.set(runId, ofRun.set(taskRunId, attempt));
  }

  /** The code of this task run, if nobody has had the task run since; what others have gone on with is dropped. */
  take(task: Assignment): Attempt | null {
    const parked = this.#remove(task.runId, task.taskRunId);
    if (!parked) return null;
    if (task.wait !== null && parked.task.claim === task.claim - 1) return parked;
    parked.abort("cancelled");
    return null;
  }

  /** Lets its code stop: nobody hears what it still says. */
  drop({ runId, taskRunId, claim }: Pick<Assignment, "runId" | "taskRunId" | "claim">, reason: AbortReason): void {
    if (this.#byRun.get(runId)?.get(taskRunId)?.task.claim === claim) this.#remove(runId, taskRunId)?.abort(reason);
  }

  /** As `drop`, of a run that the caller does not know. */
  dropAny(taskRunId: number, claim: number, reason: AbortReason): void {
    for (const runId of this.#byRun.keys()) this.drop({ runId, taskRunId, claim }, reason);
  }

  /** The run has ended, or is somebody else's. */
  forget(runId: string): void {
    const ofRun = this.#byRun.get(runId);
    this.#byRun.delete(runId);
    for (const parked of ofRun?.values() ?? []) parked.abort("cancelled");
  }

  #remove(runId: string, taskRunId: number): Attempt | null {
    const ofRun = this.#byRun.get(runId);
    const parked = ofRun?.get(taskRunId) ?? null;
    ofRun?.delete(taskRunId);
    if (ofRun?.size === 0) this.#byRun.delete(runId);
    return parked;
  }
}
