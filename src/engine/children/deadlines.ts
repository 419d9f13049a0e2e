import type { Child } from "./child.ts";
import type { HostedTask } from "./hosted-task.ts";

export interface DeadlineEvents {
  /** Its time is over while its process can still hear of it. */
  timedOut(task: HostedTask): void;
  /** Its time is over and its code does not let the loop go. */
  timedOutBlocking(task: HostedTask): void;
  /** Somebody in this process blocks it past a timeout, and nobody can tell who. */
  blockedByOneOf(child: Child): void;
  /** It did not stop within its grace. */
  graceOver(task: HostedTask): void;
}

/** How long a watchdog may take to say who blocks. */
const EXPLAIN_MS = 5_000;

/** Timeouts, measured by the host. While a sibling blocks its process, a task's time stands still. */
export class Deadlines {
  readonly #graceMs: number;
  readonly #beatMs: number;
  readonly #blockedMs: number;
  readonly #events: DeadlineEvents;

  constructor(
    options: { readonly graceMs: number; readonly beatMs: number; readonly blockedMs: number },
    events: DeadlineEvents,
  ) {
    this.#graceMs = options.graceMs;
    this.#beatMs = options.beatMs;
    this.#blockedMs = options.blockedMs;
    this.#events = events;
  }

  started(task: HostedTask, startedAt: number): void {
    const { timeoutMs } = task.assignment;
    if (timeoutMs === null || task.abortedFor !== null) return;
    task.deadline = startedAt + timeoutMs;
    this.#arm(task, task.deadline - performance.now());
  }

  aborted(task: HostedTask): void {
    task.deadline = null;
    task.clearTimer();
    task.timer = setTimeout(() => this.#events.graceOver(task), this.#graceMs);
  }

  /** Gives the siblings of what blocked a child their time back. */
  unblocked(child: Child, blockedMs: number): void {
    const now = performance.now();
    for (const task of child.tasks.values()) {
      if (task.deadline === null || task.startedAt === null || task === child.blocker) continue;
      task.deadline += Math.min(blockedMs, now - task.startedAt);
    }
  }

  #arm(task: HostedTask, delayMs: number): void {
    task.clearTimer();
    // Node turns a longer delay into none at all.
    task.timer = setTimeout(() => this.#expire(task), Math.min(Math.max(delayMs, 0), 2 ** 31 - 1));
  }

  #expire(task: HostedTask): void {
    const { child, deadline } = task;
    if (child === null || deadline === null) return;
    const now = performance.now();
    if (now < deadline) return this.#arm(task, deadline - now);
    if (child.blockedSince !== null) return this.#expireBlocked(task, child, now - child.blockedSince);
    // Perhaps it is blocked and nobody knows yet: the next beats tell.
    if (now - child.heardAt > this.#beatMs * 1.5) return this.#arm(task, this.#beatMs / 2);
    this.#events.timedOut(task);
  }

  #expireBlocked(task: HostedTask, child: Child, blockedMs: number): void {
    if (!child.blockExplained && blockedMs < this.#blockedMs + EXPLAIN_MS) return this.#arm(task, this.#beatMs / 2);
    const started = [...child.tasks.values()].filter((sibling) => sibling.startedAt !== null);
    const blocker = child.blocker ?? (started.length === 1 ? started[0] : null);
    if (blocker === task) return this.#events.timedOutBlocking(task);
    if (blocker === null) return this.#events.blockedByOneOf(child);
    this.#arm(task, this.#beatMs);
  }
}
