import type { AbortReason } from "../../runtime/protocol.ts";
import { abortOutcome } from "./abort-outcome.ts";
import type { Child } from "./child.ts";
import type { ChildPool } from "./child-pool.ts";
import { Deadlines } from "./deadlines.ts";
import type { HostSettings } from "./host-options.ts";
import type { HostedTask } from "./hosted-task.ts";
import type { TaskLedger } from "./task-ledger.ts";

/** Ends what should not go on: first by its signal, after the grace with its process. */
export class Stopping {
  readonly deadlines: Deadlines;
  readonly #ledger: TaskLedger;
  readonly #pool: ChildPool;

  constructor(ledger: TaskLedger, pool: ChildPool, settings: HostSettings, beatMs: number) {
    this.#ledger = ledger;
    this.#pool = pool;
    const { graceMs, blockedMs } = settings;
    this.deadlines = new Deadlines(
      { graceMs, beatMs, blockedMs },
      {
        timedOut: (task) => this.abort(task, "timed_out"),
        timedOutBlocking: (task) => this.#killFor(task, "timed_out"),
        blockedByOneOf: (child) => this.kill(child),
        graceOver: (task) => this.#giveUp(task),
      },
    );
  }

  abort(task: HostedTask, reason: AbortReason): void {
    if (task.abortedFor !== null) return;
    const { taskRunId, claim } = task.assignment;
    task.abortedFor = reason;
    if (task.child === null) return this.#ledger.finishAborted(task);
    task.child.send({ kind: "abort", taskRunId, claim, reason });
    task.child.flush();
    this.deadlines.aborted(task);
  }

  kill(child: Child): void {
    // From now on its death is nobody's crash.
    child.tainted = true;
    if (child.state !== "dead") child.state = "retiring";
    child.kill();
  }

  /** Something in it that is no task does not end. */
  sicken(child: Child): void {
    if (child.tasks.size === 0 || child.blockedSince !== null) return this.kill(child);
    this.#taint(child);
  }

  /** Its signal went unheard. Alone, or where nobody can go on, its process is killed; else its siblings may end first. */
  #giveUp(task: HostedTask): void {
    const { child, abortedFor } = task;
    if (child === null || abortedFor === null) return;
    if (child.tasks.size === 1 || child.blockedSince !== null) return this.#killFor(task, abortedFor);
    this.#taint(child);
    this.#ledger.finishAborted(task);
  }

  /** What it ended as is told once its process is dead: no two attempts at a task run side by side. */
  #killFor(task: HostedTask, reason: AbortReason): void {
    const { child, assignment } = task;
    if (child === null) return;
    task.clearTimer();
    task.abortedFor = reason;
    task.endsWithChild = abortOutcome(reason, assignment.timeoutMs, null, child.blockedWhere);
    this.kill(child);
  }

  #taint(child: Child): void {
    child.tainted = true;
    child.retire();
    this.#pool.maintain();
  }
}
