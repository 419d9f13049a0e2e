import type { Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import type { GivenEvent } from "./event.ts";
import type { TaskInstance } from "./task-instance.ts";
import type { TaskRunState } from "./task-run-state.ts";
import type { CacheFacts, ListReports, StoredValue } from "./value.ts";
import type { Deferral, Wait } from "./wait.ts";

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
  readonly result:
    | (CacheFacts & {
        readonly output: StoredValue | null;
        readonly lists: ListReports | null;
        readonly arms: readonly string[] | null;
        /** The first claim of the attempt that succeeded, where it had waited in between. */
        readonly firstClaim: number | null;
        /** What it says that has happened. Absent: nothing. */
        readonly events?: readonly GivenEvent[];
      })
    | null;
  /** What it recorded goes with its last end, which was no success. Absent: that is so of a success. */
  readonly discards?: true;
  /** It gave its slot back. */
  readonly deferral: ({ readonly wait: Wait } & Required<Omit<Deferral, "until">>) | null;
  /** An execution ended: one line of its history. */
  readonly ended: {
    readonly startedAt: Instant | null;
    readonly endedAt: Instant;
    readonly queuedAt: Instant | null;
    readonly claimedAt: Instant | null;
    readonly waitedFor: number | null;
  } | null;
}

interface Ending extends CacheFacts {
  readonly state: TaskRunState;
  readonly reason?: string;
  readonly error?: ErrorData;
  readonly output?: StoredValue | null;
  readonly lists?: ListReports | null;
  readonly arms?: readonly string[] | null;
  readonly events?: readonly GivenEvent[];
}

type Times = { readonly startedAt: Instant | null; readonly endedAt: Instant } | null;

/** The only place where a task instance changes its state: every change leaves a transition. */
export class TransitionLog {
  readonly transitions: Transition[] = [];
  readonly abort: TaskInstance[] = [];
  readonly now: Instant;
  readonly #queued: TaskInstance[] = [];

  constructor(now: Instant) {
    this.now = now;
  }

  queued(): TaskInstance[] {
    const queued = this.#queued.filter((instance) => instance.state === "queued");
    // Whoever was queued, taken back and queued again stands in line once.
    return queued.length > 1 ? [...new Set(queued)] : queued;
  }

  queue(instance: TaskInstance, waitedFor: number | null): void {
    instance.queuedAt = this.now;
    instance.waitedFor = waitedFor;
    this.#queued.push(instance);
    this.#move(instance, "queued", {});
  }

  claimed(instance: TaskInstance, worker: string): Transition {
    const { claim } = instance;
    instance.claim++;
    instance.claimedAt = this.now;
    instance.worker = worker;
    return this.#move(instance, "running", { claim, worker });
  }

  /** A claim that was not recorded: nothing has happened. */
  static unclaimed(instance: TaskInstance): void {
    Object.assign(instance, { state: "queued", claim: instance.claim - 1, claimedAt: null, worker: null });
  }

  finished(
    instance: TaskInstance,
    to: "succeeded" | "failed" | "skipped" | "cancelled",
    times: Times,
    ending: Ending,
  ): void {
    const { output = null, lists = null, arms = null } = ending;
    const firstClaim = instance.wait?.firstClaim ?? null;
    const result = {
      output,
      lists,
      arms,
      firstClaim,
      ...(ending.events && { events: ending.events }),
      ...(ending.cacheKey !== undefined && { cacheKey: ending.cacheKey }),
      ...(ending.cached && { cached: ending.cached }),
    };
    this.#move(instance, to, {
      result,
      ended: this.#times(instance, times),
      error: ending.error ?? null,
      skipReason: ending.reason ?? null,
    });
  }

  retrying(
    instance: TaskInstance,
    times: Times,
    { error, events }: { readonly error: ErrorData; readonly events?: readonly GivenEvent[] },
    dueAt: Instant,
  ): void {
    const ended = this.#times(instance, times);
    const { attempt } = instance;
    instance.attempt++;
    instance.wait = null;
    instance.dueAt = dueAt;
    const result = events && { output: null, lists: null, arms: null, firstClaim: null, events };
    this.#move(instance, "up_for_retry", { attempt, dueAt, error, ended, ...(result && { result }) });
  }

  deferred(instance: TaskInstance, wait: Wait, left: Required<Omit<Deferral, "until">>): void {
    instance.wait = wait;
    instance.dueAt = wait.dueAt;
    this.#move(instance, "deferred", { dueAt: wait.dueAt, deferral: { wait, ...left } });
  }

  lost(instance: TaskInstance, error: ErrorData): void {
    const ended = this.#times(instance, null);
    instance.queuedAt = this.now;
    this.#queued.push(instance);
    this.#move(instance, "queued", { error, ended });
  }

  requeued(instance: TaskInstance): void {
    instance.queuedAt = this.now;
    instance.dueAt = null;
    this.#queued.push(instance);
    this.#move(instance, "queued", {});
  }

  /** An end, or a removal, that no execution brought about. */
  decided(
    instance: TaskInstance,
    to: "succeeded" | "skipped" | "upstream_failed" | "cancelled" | "failed" | "removed",
    error: ErrorData | null,
    skipReason: string | null = null,
  ): void {
    this.#move(instance, to, { error, skipReason });
  }

  /** An ended task run starts anew; what it recorded is gone, its claim goes on rising. */
  reopened(instance: TaskInstance, groupRetries: readonly number[], discards = instance.state === "succeeded"): void {
    const empties = discards && instance.state !== "succeeded";
    if (discards) instance.discarded++;
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
      wait: null,
      lists: null,
      arms: null,
      failure: null,
    });
    this.#move(instance, "waiting", empties ? { discards: true } : {});
  }

  #times(instance: TaskInstance, times: Times): Transition["ended"] {
    const { queuedAt, claimedAt, waitedFor } = instance;
    return { startedAt: times?.startedAt ?? null, endedAt: times?.endedAt ?? this.now, queuedAt, claimedAt, waitedFor };
  }

  // Each field by its name: this is made for every step of every task run, and a spread of parts costs several times as much.
  #move(instance: TaskInstance, to: TaskRunState, facts: Partial<Transition>): Transition {
    const { state: from, generation, losses } = instance;
    instance.state = to;
    const transition = {
      instance,
      from,
      to,
      at: this.now,
      claim: facts.claim ?? instance.claim,
      attempt: facts.attempt ?? instance.attempt,
      generation,
      losses,
      worker: facts.worker ?? instance.worker,
      error: facts.error ?? null,
      skipReason: facts.skipReason ?? null,
      dueAt: facts.dueAt ?? null,
      result: facts.result ?? null,
      deferral: facts.deferral ?? null,
      ended: facts.ended ?? null,
      ...(facts.discards && { discards: true as const }),
    };
    this.transitions.push(transition);
    return transition;
  }
}
