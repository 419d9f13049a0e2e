import type { Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import type { TaskInstance } from "./task-instance.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { ListReports, StoredValue } from "./value.ts";

/** One change of one task run, with what its row and its history need to know. The instance itself may have moved on. */
export interface Transition {
  readonly instance: TaskInstance;
  readonly from: TaskRunState;
  readonly to: TaskRunState;
  readonly at: Instant;
  /** The claim it happened under. */
  readonly claim: number;
  readonly attempt: number;
  readonly generation: number;
  readonly losses: number;
  readonly worker: string | null;
  readonly error: ErrorData | null;
  readonly skipReason: string | null;
  readonly dueAt: Instant | null;
  /** What its code returned. */
  readonly result: {
    readonly output: StoredValue | null;
    readonly lists: ListReports | null;
    readonly arms: readonly string[] | null;
  } | null;
  /** An execution ended: one line of its history. */
  readonly ended: {
    readonly startedAt: Instant | null;
    readonly endedAt: Instant;
    readonly queuedAt: Instant | null;
    readonly claimedAt: Instant | null;
    readonly waitedFor: number | null;
  } | null;
}

interface Ending {
  readonly state: TaskRunState;
  readonly reason?: string;
  readonly error?: ErrorData;
  readonly output?: StoredValue | null;
  readonly lists?: ListReports | null;
  readonly arms?: readonly string[] | null;
}

type Times = { readonly startedAt: Instant | null; readonly endedAt: Instant } | null;

/** The only place where a task instance changes its state: every change leaves a transition. */
export class TransitionLog {
  readonly transitions: Transition[] = [];
  readonly abort: TaskInstance[] = [];
  readonly now: Instant;
  readonly #queued = new Set<TaskInstance>();

  constructor(now: Instant) {
    this.now = now;
  }

  queued(): TaskInstance[] {
    return [...this.#queued].filter((instance) => instance.state === "queued");
  }

  queue(instance: TaskInstance, waitedFor: number | null): void {
    instance.queuedAt = this.now;
    instance.waitedFor = waitedFor;
    this.#queued.add(instance);
    this.#move(instance, "queued", {});
  }

  claimed(instance: TaskInstance, worker: string): void {
    const { claim } = instance;
    instance.claim++;
    instance.claimedAt = this.now;
    instance.worker = worker;
    this.#move(instance, "running", { claim, worker });
  }

  finished(
    instance: TaskInstance,
    to: "succeeded" | "failed" | "skipped" | "cancelled",
    times: Times,
    ending: Ending,
  ): void {
    const result = { output: ending.output ?? null, lists: ending.lists ?? null, arms: ending.arms ?? null };
    this.#move(instance, to, {
      result,
      ended: this.#times(instance, times),
      error: ending.error ?? null,
      skipReason: ending.reason ?? null,
    });
  }

  retrying(instance: TaskInstance, times: Times, error: ErrorData, dueAt: Instant): void {
    const ended = this.#times(instance, times);
    const { attempt } = instance;
    instance.attempt++;
    instance.dueAt = dueAt;
    this.#move(instance, "up_for_retry", { attempt, dueAt, error, ended });
  }

  lost(instance: TaskInstance, error: ErrorData): void {
    const ended = this.#times(instance, null);
    instance.queuedAt = this.now;
    this.#queued.add(instance);
    this.#move(instance, "queued", { error, ended });
  }

  requeued(instance: TaskInstance): void {
    instance.queuedAt = this.now;
    instance.dueAt = null;
    this.#queued.add(instance);
    this.#move(instance, "queued", {});
  }

  /** An end, or a removal, that no execution brought about. */
  decided(
    instance: TaskInstance,
    to: "skipped" | "upstream_failed" | "cancelled" | "failed" | "removed",
    error: ErrorData | null,
    skipReason: string | null = null,
  ): void {
    this.#move(instance, to, { error, skipReason });
  }

  /** An ended task run starts anew; what it recorded is gone, its claim goes on rising. */
  reopened(instance: TaskInstance, groupRetries: readonly number[]): void {
    if (instance.state === "succeeded") instance.discarded++;
    instance.generation++;
    Object.assign(instance, {
      attempt: 1,
      losses: 0,
      groupRetries,
      waitedFor: null,
      queuedAt: null,
      claimedAt: null,
      dueAt: null,
      worker: null,
      lists: null,
      arms: null,
      failure: null,
    });
    this.#move(instance, "waiting", {});
  }

  #times(instance: TaskInstance, times: Times): Transition["ended"] {
    const { queuedAt, claimedAt, waitedFor } = instance;
    return { startedAt: times?.startedAt ?? null, endedAt: times?.endedAt ?? this.now, queuedAt, claimedAt, waitedFor };
  }

  #move(instance: TaskInstance, to: TaskRunState, facts: Partial<Transition>): void {
    const { state: from, claim, attempt, generation, losses, worker } = instance;
    instance.state = to;
    const plain = { error: null, skipReason: null, dueAt: null, result: null, ended: null };
    this.transitions.push({
      instance,
      from,
      to,
      at: this.now,
      claim,
      attempt,
      generation,
      losses,
      worker,
      ...plain,
      ...facts,
    });
  }
}
