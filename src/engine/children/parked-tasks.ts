import type { Assignment } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";

export interface ParkedTask {
  readonly child: Child;
  readonly runId: string;
  readonly claim: number;
}

/** Which child has the code of a task run that waits without a slot. A child that takes nothing new has none any more. */
export class ParkedTasks {
  readonly #byTaskRun = new Map<number, ParkedTask>();

  add({ taskRunId, claim, runId }: Assignment, child: Child): void {
    this.#byTaskRun.set(taskRunId, { child, runId, claim });
  }

  /** Where an execution goes on; `null`: anywhere, from the beginning. */
  take({ taskRunId, claim }: Assignment): Child | null {
    const parked = this.#byTaskRun.get(taskRunId);
    this.#byTaskRun.delete(taskRunId);
    return parked?.claim === claim - 1 && parked.child.state === "warm" ? parked.child : null;
  }

  /** The code that was parked under this claim is not any more; what was parked under another one stays. */
  drop(taskRunId: number, claim: number): ParkedTask | null {
    const parked = this.#byTaskRun.get(taskRunId);
    if (parked?.claim !== claim) return null;
    this.#byTaskRun.delete(taskRunId);
    return parked;
  }

  forgetChild(child: Child): void {
    for (const [taskRunId, parked] of this.#byTaskRun) if (parked.child === child) this.#byTaskRun.delete(taskRunId);
  }
}
