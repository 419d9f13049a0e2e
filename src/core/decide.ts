import { addMs, type Instant } from "./clock.ts";
import type { ErrorData } from "./errors.ts";
import { reopenGroup, reopenRun } from "./reopen.ts";
import { decideRetry, matchRule } from "./retry-policy.ts";
import type { RunModel } from "./run-model.ts";
import { isEndedRun, type RunState } from "./run-state.ts";
import { failedWith, type TaskInstance } from "./task-instance.ts";
import { TransitionLog, type Transition } from "./transition.ts";
import type { ListReports, StoredValue } from "./value.ts";
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
  /** Time has passed: whatever waits for a moment that has come goes on. */
  | { readonly kind: "due"; readonly random: number }
  | { readonly kind: "cancel" }
  /** A user runs an ended run again, from its failed tasks. */
  | { readonly kind: "retry" };

export type TaskOutcome =
  | {
      readonly state: "succeeded";
      readonly output: StoredValue | null;
      readonly lists: ListReports | null;
      readonly arms: readonly string[] | null;
    }
  | { readonly state: "skipped"; readonly reason: string }
  | {
      readonly state: "failed";
      readonly error: ErrorData;
      readonly rule: number | null;
      readonly retryAfterMs: number | null;
      readonly final: boolean;
    }
  | { readonly state: "cancelled" };

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

export interface RunTransition {
  readonly from: RunState;
  readonly to: RunState;
  readonly cancelRequested: boolean;
  readonly generation: number;
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
  if (isEndedRun(run.header.state) && event.kind !== "retry") return;
  switch (event.kind) {
    case "begin":
      if (run.header.state === "queued") run.header.state = "running";
      return waker.lookAtAll();
    case "finished":
      if (held(event)) finish(run, event, now, log, waker);
      return;
    case "lost":
      if (held(event)) lose(run, event, log, waker);
      return;
    case "due":
      return wake(run, now, event.random, log, waker);
    case "cancel":
      return cancel(run, log, waker);
    case "retry":
      if (!isEndedRun(run.header.state)) return;
      reopenRun(run, log);
      return waker.lookAtAll();
  }
}

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
  const ended = { startedAt: event.startedAt, endedAt: event.endedAt };
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
    run.header.cancelRequested ||
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
  log.retrying(instance, ended, outcome.error, addMs(now, again.delayMs));
  run.retrying.add(instance);
}

function lose(run: RunModel, event: RunEvent & { kind: "lost" }, log: TransitionLog, waker: Waker): void {
  const { instance } = event;
  if (event.counts) instance.losses++;
  if (run.header.cancelRequested) {
    log.finished(instance, "cancelled", null, { state: "cancelled" });
    return waker.ended(instance, 0);
  }
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

function wake(run: RunModel, now: Instant, random: number, log: TransitionLog, waker: Waker): void {
  for (const instance of run.retrying) {
    if ((instance.dueAt ?? 0) > now) continue;
    run.retrying.delete(instance);
    log.requeued(instance);
  }
  const due = [...run.groupsRetrying].filter(([instance]) => (instance.dueAt ?? 0) <= now);
  if (due.length === 0) return;
  for (const [instance, group] of due) reopenGroup(run, group, instance, log);
  run.derive();
  waker.lookAtAll(random);
}

function cancel(run: RunModel, log: TransitionLog, waker: Waker): void {
  if (run.header.cancelRequested) return;
  run.header.cancelRequested = true;
  run.retrying.clear();
  run.groupsRetrying.clear();
  for (const task of run.tasks) {
    task.each((known, index) => {
      const instance = known ?? run.make(task, index);
      if (instance.state === "running") log.abort.push(instance);
      else if (instance.state === "waiting" || instance.state === "queued" || instance.state === "up_for_retry") {
        log.decided(instance, "cancelled", null);
        waker.ended(instance, 0);
      }
    });
  }
}

/** A run has ended when all its task runs have, and no group will run again. */
function endRun(run: RunModel, log: TransitionLog): void {
  if (run.openTasks > 0 || run.groupsRetrying.size > 0 || run.header.state !== "running") return;
  if (run.header.cancelRequested && run.tasks.some((task) => someEnded(task, "cancelled")))
    run.header.state = "cancelled";
  else run.header.state = run.tasks.some(unforgiven) ? "failed" : "succeeded";
  // A task may have come to its end without the elements that it had in an earlier generation.
  for (const task of run.tasks) for (const instance of task.takeSurplus()) log.decided(instance, "removed", null);
}

type Tasks = RunModel["tasks"][number];

function someEnded(task: Tasks, state: TaskInstance["state"]): boolean {
  let found = false;
  task.each((instance) => (found ||= instance?.state === state));
  return found;
}

/** A failure fails the run wherever it is in the graph. An `upstream_failed` always has a failure behind it: where all of those are allowed, it is too. */
const unforgiven = (task: Tasks): boolean => task.view(null).failed > 0 && !task.graph.manifest.allowFailure;

function runTransition(before: RunModel["header"], run: RunModel): RunTransition | null {
  const { state, cancelRequested, generation } = run.header;
  if (state === before.state && cancelRequested === before.cancelRequested && generation === before.generation)
    return null;
  return { from: before.state, to: state, cancelRequested, generation };
}

function nextDue(run: RunModel): Instant | null {
  let due = Number.POSITIVE_INFINITY;
  for (const instance of run.retrying) due = Math.min(due, instance.dueAt ?? due);
  for (const instance of run.groupsRetrying.keys()) due = Math.min(due, instance.dueAt ?? due);
  return due === Number.POSITIVE_INFINITY ? null : due;
}
