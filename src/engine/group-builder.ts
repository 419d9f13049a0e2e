import type { RunTransition } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { Transition } from "../core/transition.ts";
import { isEndedRun } from "../core/run-state.ts";
import type {
  DrawerWrite,
  NewAttempt,
  NewRun,
  NewTaskRun,
  RunChange,
  RunGroup,
  TaskRunChange,
} from "../store/store.ts";
import type { LiveRun } from "./live-run.ts";

type Insert = { -readonly [K in keyof NewTaskRun]: NewTaskRun[K] };

/** Gathers everything one tick changes about one run, and writes it as the store's group. */
export class GroupBuilder {
  readonly run: LiveRun;
  /** The instances of `inserts`, in their order: they get their ids from the commit. */
  readonly inserted: TaskInstance[] = [];
  readonly transitions: Transition[] = [];
  create: NewRun | null = null;
  readonly #inserts: Insert[] = [];
  readonly #byInstance = new Map<TaskInstance, Insert>();
  readonly #changes: TaskRunChange[] = [];
  readonly #attempts: NewAttempt[] = [];
  readonly #drawers: DrawerWrite[] = [];
  #runChange: RunChange | null = null;

  constructor(run: LiveRun) {
    this.run = run;
  }

  add(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      this.transitions.push(transition);
      const { instance } = transition;
      if (instance.id === 0) this.#insert(instance, transition);
      else this.#changes.push(changeOf(transition));
      if (transition.ended && instance.id !== 0) this.#attempts.push(this.#attemptOf(transition));
    }
  }

  changeRun(change: RunTransition, now: Instant): void {
    const started = change.from === "queued" && change.to !== "queued" && this.run.record.startedAt === null;
    this.#runChange = {
      ...this.#runChange,
      state: change.to,
      generation: change.generation,
      cancelRequested: change.cancelRequested,
      ...(started && { startedAt: now }),
      ...(isEndedRun(change.to) ? { endedAt: now } : isEndedRun(change.from) && { endedAt: null }),
    };
  }

  addDrawer(write: DrawerWrite): void {
    this.#drawers.push(write);
  }

  build(): RunGroup {
    const { id, revision } = this.run;
    return {
      runId: id,
      revision,
      create: this.create,
      run: this.#runChange,
      inserts: this.#inserts,
      changes: this.#changes,
      attempts: this.#attempts,
      drawers: this.#drawers,
    };
  }

  /** A task run without a row: what happens to it in the same tick is one insert. */
  #insert(instance: TaskInstance, { to, at, error, skipReason, worker }: Transition): void {
    let insert = this.#byInstance.get(instance);
    if (!insert) {
      insert = {
        taskId: this.run.version.record.taskIds[instance.task] as number,
        mapIndex: instance.index,
        state: "queued",
        claim: 0,
        attempt: instance.attempt,
        generation: instance.generation,
        worker: null,
        queuedAt: null,
        claimedAt: null,
        endedAt: null,
        error: null,
        skipReason: null,
      };
      this.#byInstance.set(instance, insert);
      this.#inserts.push(insert);
      this.inserted.push(instance);
    }
    insert.state = to as Insert["state"];
    if (to === "queued") insert.queuedAt = at;
    else if (to === "running") Object.assign(insert, { claim: 1, claimedAt: at, worker });
    else Object.assign(insert, { endedAt: at, error, skipReason });
  }

  #attemptOf({ instance, to, claim, attempt, generation, worker, error, ended }: Transition): NewAttempt {
    const waitedFor = this.run.version.record.taskIds[ended?.waitedFor ?? -1] ?? null;
    const outcome = to === "queued" ? "lost" : to === "up_for_retry" ? "failed" : (to as NewAttempt["outcome"]);
    const { queuedAt = null, claimedAt = null, startedAt = null, endedAt = 0 } = ended ?? {};
    return {
      taskRun: { id: instance.id },
      generation,
      attempt,
      claim,
      worker,
      versionId: this.run.version.record.id,
      waitedFor,
      queuedAt,
      claimedAt,
      startedAt,
      endedAt,
      outcome,
      error,
    };
  }
}

function changeOf(transition: Transition): TaskRunChange {
  const { instance, from, to, at, claim, error, skipReason } = transition;
  const guard = { id: instance.id, claim };
  if (from === "queued" && to === "running") return { ...guard, kind: "claim", worker: transition.worker ?? "", at };
  if (from === "running" && to === "up_for_retry")
    return {
      ...guard,
      kind: "retry",
      attempt: transition.attempt + 1,
      dueAt: transition.dueAt ?? at,
      error: error ?? UNKNOWN,
    };
  if (to === "queued" && (from === "running" || from === "up_for_retry"))
    return { ...guard, kind: "requeue", from, losses: transition.losses, at };
  if (from === "running") return finishOf(guard, transition);
  if (to === "waiting")
    return {
      ...guard,
      kind: "reopen",
      from,
      generation: transition.generation,
      groupRetries: instance.groupRetries,
      discarded: instance.discarded,
      at,
    };
  return {
    ...guard,
    kind: "decide",
    from,
    to: to as (TaskRunChange & { kind: "decide" })["to"],
    at,
    error,
    skipReason,
  };
}

function finishOf(
  guard: { id: number; claim: number },
  { to, at, ended, result, error, skipReason, losses }: Transition,
): TaskRunChange {
  const { output = null, lists = null, arms = null } = result ?? {};
  const state = to as (TaskRunChange & { kind: "finish" })["state"];
  return {
    ...guard,
    kind: "finish",
    state,
    startedAt: ended?.startedAt ?? null,
    endedAt: ended?.endedAt ?? at,
    output,
    lists,
    arms,
    error,
    skipReason,
    losses,
  };
}

const UNKNOWN = { name: "Error", message: "unknown" };
