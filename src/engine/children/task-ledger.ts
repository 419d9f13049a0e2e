import type { Clock } from "../../core/clock.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Assignment, Finished, Outcome } from "../../runtime/protocol.ts";
import type { HostListener } from "../worker-host.ts";
import { abortOutcome } from "./abort-outcome.ts";
import type { HostSecrets } from "./host-secrets.ts";
import { HostedTask } from "./hosted-task.ts";
import type { ParkedTasks } from "./parked-tasks.ts";
import type { TaskBoard } from "./task-board.ts";

export const CLOSED: ErrorData = {
  name: "WorkerClosed",
  code: "WORKER_CLOSED",
  message: "The worker was closed before the task had ended.",
};

/** All tasks that were started and have not ended. Each leaves it once, with one word to the listener. */
export class TaskLedger {
  listener: HostListener | null = null;
  /** By task run and claim: one that was taken away may still be leaving when the same task run is claimed again for this host. */
  readonly #tasks = new Map<string, HostedTask>();
  readonly #board: TaskBoard;
  readonly #parked: ParkedTasks;
  readonly #secrets: HostSecrets;
  readonly #clock: Clock;

  constructor(board: TaskBoard, parked: ParkedTasks, secrets: HostSecrets, clock: Clock) {
    this.#board = board;
    this.#parked = parked;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  add(assignment: Assignment): void {
    const task = new HostedTask(assignment);
    if (assignment.wait !== null) task.home = this.#parked.take(assignment);
    this.#tasks.set(keyOf(assignment.taskRunId, assignment.claim), task);
    this.#board.add(task);
  }

  find(taskRunId: number, claim: number): HostedTask | null {
    return this.#tasks.get(keyOf(taskRunId, claim)) ?? null;
  }

  /** Its child says that it has ended. What was told to stop has ended as such, whatever its code made of it. */
  ended(message: Finished): void {
    const task = this.find(message.taskRunId, message.claim);
    if (!task || task.endsWithChild !== null) return;
    const { outcome } = message;
    const counted =
      task.abortedFor === null ? outcome : abortOutcome(task.abortedFor, task.assignment.timeoutMs, outcome);
    // One that is to stop ends, also where it has just begun to wait; and a child that goes takes with it what waits there.
    if (outcome.state === "deferred" && outcome.until.kind !== "sensor" && task.child?.state === "warm") {
      if (counted === outcome) this.#parked.add(task.assignment, task.child);
      else task.child.drop(task.assignment, task.abortedFor ?? "cancelled");
    }
    if (counted === null) return this.lose(task, CLOSED);
    this.#release(task);
    this.listener?.finished({ ...message, outcome: this.#secrets.outcome(counted) });
  }

  /** Ends a task without its child's word. */
  finish(task: HostedTask, outcome: Outcome): void {
    const { taskRunId, claim } = task.assignment;
    const endedAt = this.#clock.now();
    this.#release(task);
    this.listener?.finished({
      kind: "finished",
      taskRunId,
      claim,
      startedAt: task.startedInstant,
      endedAt,
      outcome: this.#secrets.outcome(outcome),
    });
  }

  lose(task: HostedTask, why: ErrorData): void {
    this.#release(task);
    this.listener?.lost(task.assignment.taskRunId, task.assignment.claim, this.#secrets.error(why));
  }

  /** Ends a task that was told to stop and can't say anything any more. */
  finishAborted(task: HostedTask, where: string | null = null): void {
    const { abortedFor, assignment } = task;
    const outcome = abortedFor === null ? null : abortOutcome(abortedFor, assignment.timeoutMs, null, where);
    if (outcome === null) this.lose(task, CLOSED);
    else this.finish(task, outcome);
  }

  #release(task: HostedTask): void {
    task.clearTimer();
    const { assignment, child } = task;
    this.#tasks.delete(keyOf(assignment.taskRunId, assignment.claim));
    if (child === null) return this.#board.remove(task);
    child.give(task);
    if (child.role === "apart") child.retire();
    else child.endIfIdle();
  }
}

const keyOf = (taskRunId: number, claim: number): string => `${taskRunId}/${claim}`;
