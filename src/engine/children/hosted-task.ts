import type { AbortReason, Assignment, Outcome } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";

/** One assignment from `start` to the word about its end. Times are of the host's monotonic clock, in ms. */
export class HostedTask {
  readonly assignment: Assignment;
  /** `null`: it waits for room. */
  child: Child | null = null;
  /** Where its code waits; it goes on nowhere else while that takes tasks. */
  home: Child | null = null;
  slot = -1;
  /** Its number among the tasks that its child was sent. */
  turn = 0;
  sentAt = 0;
  /** When its code started, as far as the host knows. */
  startedAt: number | null = null;
  /** When its code started, by the child's clock. */
  startedInstant: number | null = null;
  deadline: number | null = null;
  timer: NodeJS.Timeout | null = null;
  abortedFor: AbortReason | null = null;
  /** Told once its process is dead: no two attempts at a task run side by side. */
  endsWithChild: Outcome | null = null;

  constructor(assignment: Assignment) {
    this.assignment = assignment;
  }

  clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
