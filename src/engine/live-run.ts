import type { RunEvent as Decidable } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import { RunModel } from "../core/run-model.ts";
import { failedWith, newInstance, type TaskInstance } from "../core/task-instance.ts";
import type { Transition } from "../core/transition.ts";
import type { Finished } from "../runtime/protocol.ts";
import type { RunRecord, TaskRunRecord } from "../store/store.ts";
import type { LiveVersion } from "./live-version.ts";
import type { RunListener, StateCounts } from "./run-event.ts";

/** What has arrived for a run and is not decided yet. Task runs are named by place, because a reload replaces the model. */
export type Arrival =
  | { readonly kind: "begin" | "due" | "cancel" | "retry" }
  | { readonly kind: "finished"; readonly task: number; readonly index: number | null; readonly result: Finished }
  | {
      readonly kind: "lost";
      readonly task: number;
      readonly index: number | null;
      readonly claim: number;
      readonly why: Finished["outcome"] & { state: "failed" };
      readonly counts: boolean;
    };

/** No run that stands in line waits longer than this for one that goes on. */
const TURN_US = 100_000;

/** A run that this engine advances: the cached model, what has arrived, and who follows. */
export class LiveRun {
  readonly version: LiveVersion;
  record: RunRecord;
  model: RunModel;
  /** The revision of the store's row that the model stands for. */
  revision: number;
  arrivals: Arrival[] = [];
  readonly listeners = new Set<RunListener>();
  dueAt: Instant | null = null;
  /** When its turn began: the last time it got a slot from the line. */
  #turnAt: Instant = 0;
  /** Opened at the worker host. */
  opened = false;
  /** Keys of the parts the host keeps for this run. */
  readonly shared = new Set<string>();

  constructor(version: LiveVersion, record: RunRecord, taskRuns: readonly TaskRunRecord[]) {
    this.version = version;
    this.record = record;
    this.revision = record.revision;
    this.model = modelOf(version, record, taskRuns);
  }

  /** While it lasts, the run goes on in the slots that its own tasks leave. A clock that was set back ends it. */
  hasTurn(now: Instant): boolean {
    return now >= this.#turnAt && now - this.#turnAt < TURN_US;
  }

  /** It got a slot: a turn that is over begins anew. */
  takeTurn(now: Instant): void {
    if (!this.hasTurn(now)) this.#turnAt = now;
  }

  get id(): string {
    return this.record.id;
  }

  reload(record: RunRecord, taskRuns: readonly TaskRunRecord[]): void {
    this.record = record;
    this.revision = record.revision;
    this.model = modelOf(this.version, record, taskRuns);
  }

  instanceAt(task: number, index: number | null): TaskInstance | undefined {
    return this.model.task(task).at(index);
  }

  taskName(task: number): string {
    return this.version.record.manifest.tasks[task]?.name ?? String(task);
  }

  counts(): StateCounts {
    const counts: StateCounts = {};
    for (const task of this.model.tasks) {
      task.each((instance) => {
        const state = instance?.state ?? "waiting";
        counts[state] = (counts[state] ?? 0) + 1;
      });
    }
    return counts;
  }

  /** Those that stand in line, in the order in which they were queued. */
  queued(): readonly TaskInstance[] {
    const instances = this.model.tasks.flatMap((task) => [task.single, ...(task.elements ?? [])]);
    const queued = instances.filter((instance) => instance !== undefined).filter(({ state }) => state === "queued");
    return queued.sort((a, b) => (a.queuedAt ?? 0) - (b.queuedAt ?? 0));
  }

  tellTransitions(transitions: readonly Transition[]): void {
    if (this.listeners.size === 0) return;
    for (const { instance, to, attempt, at, error, skipReason, dueAt } of transitions) {
      this.tell({
        kind: "task",
        task: this.taskName(instance.task),
        mapIndex: instance.index,
        state: to,
        attempt,
        at,
        error,
        skipReason,
        dueAt,
      });
    }
  }

  tell(event: Parameters<RunListener>[0]): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** Turns an arrival into an event about the present model; `null`: it is about something that is gone. */
export function decidable(run: LiveRun, arrival: Arrival, random: () => number): Decidable | null {
  if (arrival.kind === "due") return { kind: "due", random: random() };
  if (arrival.kind !== "finished" && arrival.kind !== "lost") return { kind: arrival.kind };
  const instance = run.instanceAt(arrival.task, arrival.index);
  if (!instance) return null;
  if (arrival.kind === "lost")
    return { kind: "lost", instance, claim: arrival.claim, error: arrival.why.error, counts: arrival.counts };
  const { claim, startedAt, endedAt, outcome } = arrival.result;
  return { kind: "finished", instance, claim, startedAt, endedAt, random: random(), outcome };
}

function modelOf(version: LiveVersion, record: RunRecord, taskRuns: readonly TaskRunRecord[]): RunModel {
  const ordinals = new Map(version.record.taskIds.map((id, ordinal) => [id, ordinal]));
  const instances = taskRuns.flatMap((row) => {
    const ordinal = ordinals.get(row.taskId);
    return ordinal === undefined ? [] : [instanceOf(row, ordinal)];
  });
  const { id, state, generation, cancelRequested, paramsLists } = record;
  return new RunModel(version.graph, { id, state, generation, cancelRequested, paramsLists }, instances);
}

function instanceOf(row: TaskRunRecord, ordinal: number): TaskInstance {
  const {
    id,
    state,
    claim,
    attempt,
    generation,
    groupRetries,
    discarded,
    losses,
    queuedAt,
    claimedAt,
    dueAt,
    worker,
    lists,
    arms,
    error,
  } = row;
  return Object.assign(newInstance(ordinal, row.mapIndex, groupRetries), {
    id,
    state,
    claim,
    attempt,
    generation,
    discarded,
    losses,
    queuedAt,
    claimedAt,
    dueAt,
    worker,
    lists,
    arms,
    failure: error && failedWith(error),
  });
}
