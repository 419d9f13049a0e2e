import { addMs, type Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import type { GivenEvent } from "./event.ts";
import { cancel } from "./cancel.ts";
import { endRun } from "./end-run.ts";
import { failFast, isOverdue, runTimedOut, timeOut } from "./stop-early.ts";
import { type Control, control } from "./control.ts";
import { goOn } from "./flow-tasks.ts";
import { type Reopening, reopenGroup, reopenRun } from "./reopen.ts";
import { isStopping } from "./resource.ts";
import { decideRetry, matchRule } from "./retry-policy.ts";
import type { RunModel } from "./run-model.ts";
import { type RunTransition, runTransition } from "./run-transition.ts";
import { isEndedRun } from "./run-state.ts";
import { failedWith, type TaskInstance } from "./task-instance.ts";
import { TransitionLog, type Transition } from "./transition.ts";
import type { CacheFacts, ListReports, StoredValue } from "./value.ts";
import type { Deferral } from "./wait.ts";
import { Waker } from "./waker.ts";

/** What has happened to a run. Messages about a claim that is no longer held are ignored. */
export type RunEvent =
  /** A run that is new, or was loaded from the store. */
  | { readonly kind: "begin" }
  | ({
      readonly kind: "finished";
      readonly instance: TaskInstance;
      readonly claim: number;
      readonly startedAt: Instant | null;
      readonly endedAt: Instant;
      readonly random: number;
    } & { readonly outcome: TaskOutcome })
  /** Its worker died, and nothing is known about it. */
  | {
      readonly kind: "lost";
      readonly instance: TaskInstance;
      readonly claim: number;
      readonly error: ErrorData;
      readonly counts: boolean;
    }
  /** A task run that waits without a slot goes on now, due or not. */
  | { readonly kind: "wake"; readonly instance: TaskInstance; readonly claim: number }
  /** Time has passed: whatever waits for a moment that has come goes on. */
  | { readonly kind: "due"; readonly random: number }
  | { readonly kind: "cancel" }
  /** It stands in line, and a limit does not let it run: it is skipped, or fails, where it would have to wait for ever. */
  | { readonly kind: "skip"; readonly instance: TaskInstance; readonly reason: string }
  | { readonly kind: "refuse"; readonly instance: TaskInstance; readonly error: ErrorData }
  | Control
  /** A user runs an ended run again, from its failed tasks; `fresh`: from its first, and nothing keeps its value. */
  | ({ readonly kind: "retry" } & Reopening);

export type TaskOutcome =
  | ({
      readonly state: "succeeded";
      readonly output: StoredValue | null;
      readonly lists: ListReports | null;
      readonly arms: readonly string[] | null;
      /** What it says that has happened, recorded together with its success. Absent: nothing. */
      readonly events?: readonly GivenEvent[];
    } & CacheFacts)
  | { readonly state: "skipped"; readonly reason: string }
  | {
      readonly state: "failed";
      readonly error: ErrorData;
      readonly rule: number | null;
      readonly retryAfterMs: number | null;
      readonly final: boolean;
      /** What is recorded although it failed: what checks have found. Absent: nothing. */
      readonly events?: readonly GivenEvent[];
    }
  | { readonly state: "cancelled" }
  /** Its code gave the slot back. */
  | ({ readonly state: "deferred" } & Deferral);

export interface Decision {
  /** In the order in which they hold. */
  readonly transitions: readonly Transition[];
  /** Task runs that are newly queued. */
  readonly queued: readonly TaskInstance[];
  /** Task runs that should be told to stop. */
  readonly abort: readonly TaskInstance[];
  readonly run: RunTransition | null;
  /** When something of this run is due next. */
  readonly dueAt: Instant | null;
}

/** A third loss fails the task run: a poison task does not walk through the fleet. */
export const MAX_LOSSES = 3;

/**
 * What follows from these events: pure, deterministic, and proportional to what changed. Brings `run` up to date
 * with the answer; whoever can't commit the answer drops the model and loads it again.
 */
export function decide(run: RunModel, events: readonly RunEvent[], now: Instant): Decision {
  const before = { ...run.header };
  const log = new TransitionLog(now);
  const waker = new Waker(run, log);
  for (const event of events) apply(run, event, now, log, waker);
  waker.settle();
  failFast(run, log, waker);
  waker.settle();
  endRun(run, log);
  return {
    transitions: log.transitions,
    queued: log.queued(),
    abort: log.abort,
    run: runTransition(before, run),
    dueAt: nextDue(run),
  };
}

function apply(run: RunModel, event: RunEvent, now: Instant, log: TransitionLog, waker: Waker): void {
  if (isEndedRun(run.header.state) && !OPENS_AGAIN.has(event.kind)) return;
  switch (event.kind) {
    case "begin":
      if (run.header.state === "queued") begin(run, now);
      return waker.lookAtAll();
    case "finished":
      if (held(event)) finish(run, event, now, log, waker);
      return;
    case "lost":
      if (held(event)) lose(run, event, log, waker);
      return;
    case "wake":
      if (event.instance.state === "deferred" && event.instance.claim === event.claim) log.requeued(event.instance);
      return;
    case "due":
      return wake(run, now, event.random, log, waker);
    case "cancel":
      return cancel(run, log, waker);
    case "cancel_task":
    case "mark_task":
    case "clear_tasks":
      return control(run, event, log, waker);
    case "skip":
    case "refuse":
      return turnAway(event, log, waker);
    case "retry":
      if (!isEndedRun(run.header.state)) return;
      reopenRun(run, log, event);
      begin(run, now);
      return waker.lookAtAll();
  }
}

/** What may be done to an ended run. */
const OPENS_AGAIN: ReadonlySet<RunEvent["kind"]> = new Set(["retry", "mark_task", "clear_tasks"]);

const held = ({ instance, claim }: { instance: TaskInstance; claim: number }): boolean =>
  instance.state === "running" && instance.claim === claim;

function finish(
  run: RunModel,
  event: RunEvent & { kind: "finished" },
  now: Instant,
  log: TransitionLog,
  waker: Waker,
): void {
  const { instance, outcome } = event;
  if (outcome.state === "deferred") return defer(run, event, outcome, log, waker);
  const ended = { startedAt: instance.wait?.startedAt ?? event.startedAt, endedAt: event.endedAt };
  if (outcome.state === "cancelled" && isStopping(run, instance)) return stopped(run, instance, ended, log, waker);
  if (outcome.state !== "failed") {
    instance.lists = outcome.state === "succeeded" ? outcome.lists : null;
    instance.arms = outcome.state === "succeeded" ? outcome.arms : null;
    log.finished(instance, outcome.state, ended, outcome);
    return waker.ended(instance, event.random);
  }
  instance.failure = failedWith(outcome.error);
  const { manifest } = run.task(instance.task).graph;
  const final =
    outcome.final ||
    isStopping(run, instance) ||
    (outcome.error.code === "CHILD_CRASHED" && manifest.onWorkerLost === "fail");
  // What the host says of a task (timed out, crashed) no child has matched with a rule.
  const rule = outcome.rule ?? matchRule(manifest.retries?.on ?? [], outcome.error);
  const again = decideRetry(manifest.retries, {
    attempt: instance.attempt,
    rule,
    retryAfterMs: outcome.retryAfterMs,
    final,
    random: event.random,
  });
  if (!again.retry) {
    log.finished(instance, "failed", ended, outcome);
    return waker.ended(instance, event.random);
  }
  log.retrying(instance, ended, outcome, addMs(now, again.delayMs));
  run.retrying.add(instance);
}

/** It has come to its end because it was to, or its run does: it was cancelled, or, where the run's time was over, it has failed. */
function stopped(
  run: RunModel,
  instance: TaskInstance,
  times: Parameters<TransitionLog["finished"]>[2],
  log: TransitionLog,
  waker: Waker,
): void {
  if (run.header.timedOut) {
    const error = runTimedOut(run);
    instance.failure = failedWith(error);
    log.finished(instance, "failed", times, { state: "failed", error });
  } else log.finished(instance, "cancelled", times, { state: "cancelled" });
  waker.ended(instance, 0);
}

/** It keeps its claim while it waits: nobody else has it, and whoever had it can tell that nobody has had it since. */
function defer(
  run: RunModel,
  { instance, claim, startedAt, endedAt }: RunEvent & { kind: "finished" },
  { until, steps, requests = [] }: TaskOutcome & { state: "deferred" },
  log: TransitionLog,
  waker: Waker,
): void {
  if (isStopping(run, instance)) return stopped(run, instance, { startedAt, endedAt }, log, waker);
  // Who goes on from loss to loss is no poison task.
  instance.losses = 0;
  const before = instance.wait;
  const wait = {
    ...until,
    startedAt: before?.startedAt ?? startedAt,
    firstClaim: before?.firstClaim ?? claim,
    ranMs: (before?.ranMs ?? 0) + Math.max(0, endedAt - (startedAt ?? endedAt)) / 1000,
  };
  log.deferred(instance, wait, { steps, requests });
  run.deferred.add(instance, until.dueAt);
  goOn(run, instance, { until, requests }, log);
}

function lose(run: RunModel, event: RunEvent & { kind: "lost" }, log: TransitionLog, waker: Waker): void {
  const { instance } = event;
  if (event.counts) instance.losses++;
  if (isStopping(run, instance)) return stopped(run, instance, null, log, waker);
  const never = run.task(instance.task).graph.manifest.onWorkerLost === "fail";
  if (!never && instance.losses < MAX_LOSSES) return log.lost(instance, event.error);
  const why = never
    ? `its worker was lost, and it says onWorkerLost: "fail"`
    : `its worker was lost ${instance.losses} times under it`;
  const error: ErrorData = {
    name: "WorkerLost",
    code: "WORKER_LOST",
    message: `Task "${run.task(instance.task).graph.manifest.name}" was given up: ${why}. Last: ${event.error.message}`,
  };
  instance.failure = failedWith(error);
  log.finished(instance, "failed", null, { state: "failed", error });
  waker.ended(instance, 0);
}

function begin(run: RunModel, now: Instant): void {
  const { timeoutMs } = run.graph.manifest;
  run.header.state = "running";
  run.header.timedOut = false;
  run.header.timeoutAt = timeoutMs === undefined ? null : addMs(now, timeoutMs);
}

function wake(run: RunModel, now: Instant, random: number, log: TransitionLog, waker: Waker): void {
  if (isOverdue(run, now)) return timeOut(run, log, waker);
  for (const instance of run.retrying) {
    if ((instance.dueAt ?? 0) > now) continue;
    run.retrying.delete(instance);
    log.requeued(instance);
  }
  for (let instance = run.deferred.take(now); instance; instance = run.deferred.take(now)) log.requeued(instance);
  if (run.groupsRetrying.size === 0) return;
  const due = [...run.groupsRetrying].filter(([instance]) => (instance.dueAt ?? 0) <= now);
  if (due.length === 0) return;
  for (const [instance, group] of due) reopenGroup(run, group, instance, log);
  run.derive();
  waker.lookAtAll(random);
}

function turnAway(event: RunEvent & { kind: "skip" | "refuse" }, log: TransitionLog, waker: Waker): void {
  const { instance } = event;
  if (instance.state !== "queued") return;
  if (event.kind === "skip") log.decided(instance, "skipped", null, event.reason);
  else {
    instance.failure = failedWith(event.error);
    log.decided(instance, "failed", event.error);
  }
  waker.ended(instance, 0);
}

function nextDue(run: RunModel): Instant | null {
  let due = run.deferred.next ?? Number.POSITIVE_INFINITY;
  if (run.header.state === "running" && !run.header.cancelRequested) due = Math.min(due, run.header.timeoutAt ?? due);
  if (run.retrying.size > 0) for (const instance of run.retrying) due = Math.min(due, instance.dueAt ?? due);
  if (run.groupsRetrying.size > 0)
    for (const instance of run.groupsRetrying.keys()) due = Math.min(due, instance.dueAt ?? due);
  return due === Number.POSITIVE_INFINITY ? null : due;
}
