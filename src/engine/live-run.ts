import { addMs, type Instant } from "../core/clock.ts";
import { startsAnew } from "../core/carry-over.ts";
import type { Graph } from "../core/graph.ts";
import { RunModel } from "../core/run-model.ts";
import { isEndedRun } from "../core/run-state.ts";
import { failedWith, newInstance, type TaskInstance } from "../core/task-instance.ts";
import { type Transition, TransitionLog } from "../core/transition.ts";
import type { RunRecord, TaskRunRecord } from "../store/store.ts";
import { type Arrival, claimOf, elsewhere } from "./arrival.ts";
import type { LiveVersion } from "./live-version.ts";
import type { RunListener, StateCounts } from "./run-event.ts";

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
  /** Made when something is looked for. */
  #byId: Map<number, TaskInstance> | null = null;
  /** When its turn began: the last time it got a slot from the line. */
  #turnAt: Instant = 0;
  /** It is somebody else's: nothing is decided about it here any more. */
  released = false;
  /** A task of it waits without a slot. */
  waits = false;
  /** Rows of results that have arrived and that no commit has used yet. */
  readonly results = new Set<number>();
  /** Opened at the worker host. */
  opened = false;
  /** Keys of the parts the host keeps for this run. */
  readonly shared = new Set<string>();
  /** The graph of the version that its rows were made by; `null`: this one. */
  #rowsOf: Graph | null;
  #gone: readonly TaskRunRecord[] = [];

  /** `rowsOf`: the graph that its rows were made by, where it goes on with another version. */
  constructor(
    version: LiveVersion,
    record: RunRecord,
    taskRuns: readonly TaskRunRecord[],
    rowsOf: Graph | null = null,
  ) {
    this.version = version;
    this.record = record;
    this.revision = record.revision;
    this.#rowsOf = rowsOf;
    this.model = this.#modelOf(record, taskRuns);
  }

  /** Rows that stand for nothing in the version that it goes on with; `null`: it keeps the version that they were made by. */
  get gone(): readonly TaskRunRecord[] | null {
    return this.#rowsOf === null ? null : this.#gone;
  }

  /** Its rows are those of this version: the change to it is durable. */
  movedOver(): void {
    if (this.#rowsOf === null) return;
    this.#rowsOf = null;
    this.#gone = [];
    this.record = { ...this.record, versionId: this.version.record.id };
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

  /** An end that is decided and not yet recorded counts, too. */
  get hasEnded(): boolean {
    return isEndedRun(this.model.header.state);
  }

  reload(record: RunRecord, taskRuns: readonly TaskRunRecord[]): void {
    this.record = record;
    this.revision = record.revision;
    if (record.versionId === this.version.record.id) this.#rowsOf = null;
    this.model = this.#modelOf(record, taskRuns);
  }

  /** A claim from elsewhere is in the store already; nothing of it is written again. */
  catchUp(arrival: Arrival, now: Instant): void {
    const from = elsewhere(arrival);
    if ((arrival.kind !== "finished" && arrival.kind !== "lost") || !from) return;
    const instance = this.instanceAt(arrival.task, arrival.index);
    if (instance?.state !== "queued" || instance.claim !== claimOf(arrival) - 1) return;
    const log = new TransitionLog(arrival.kind === "finished" ? (arrival.result.startedAt ?? now) : now);
    log.claimed(instance, from.worker);
    this.tellTransitions(log.transitions);
  }

  instanceAt(task: number, index: number | null): TaskInstance | undefined {
    return this.model.task(task).at(index);
  }

  /** Its code has recorded something: as in the store, that forgives the workers that were lost before. */
  recorded(task: number, index: number | null, claim: number): void {
    const instance = this.instanceAt(task, index);
    if (instance?.state === "running" && instance.claim === claim) instance.losses = 0;
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

  /** Those that have been more than waiting, by name. */
  taskRuns(): readonly {
    readonly task: string;
    readonly mapIndex: number | null;
    readonly state: TaskInstance["state"];
  }[] {
    return this.#instances().map(({ task, index, state }) => ({ task: this.taskName(task), mapIndex: index, state }));
  }

  running(): readonly TaskInstance[] {
    return this.#instances().filter(({ state }) => state === "running");
  }

  /**
   * Those of them that are to stop by themselves, in a run that goes on. That is recorded: whoever runs them elsewhere reads it, and
   * whoever decides what becomes of them.
   */
  stoppedAlone(aborted: readonly TaskInstance[]): readonly TaskInstance[] {
    return this.model.header.cancelRequested ? [] : aborted.filter(({ state }) => state === "running");
  }

  /** Those that wait without a slot. */
  deferred(): readonly TaskInstance[] {
    return this.model.deferred.size === 0 ? [] : this.#instances().filter(({ state }) => state === "deferred");
  }

  /** Those that stand in line, in the order in which they were queued. */
  queued(): readonly TaskInstance[] {
    const queued = this.#instances().filter(({ state }) => state === "queued");
    return queued.sort((a, b) => (a.queuedAt ?? 0) - (b.queuedAt ?? 0));
  }

  /** By the store's id. */
  find(taskRunId: number): TaskInstance | undefined {
    const known = this.#byId?.get(taskRunId);
    if (known && this.instanceAt(known.task, known.index) === known) return known;
    this.#byId = new Map(this.#instances().map((instance) => [instance.id, instance]));
    return this.#byId.get(taskRunId);
  }

  #modelOf(record: RunRecord, taskRuns: readonly TaskRunRecord[]): RunModel {
    const { id, state, generation, cancelRequested, timedOut, paramsLists } = record;
    const { timeoutMs } = this.version.record.manifest;
    // One that was opened again has its time anew, from when it is gone on with.
    const begun = generation === 1 ? record.startedAt : null;
    const timeoutAt = timeoutMs === undefined || begun === null ? null : addMs(begun, timeoutMs);
    const header = { id, state, generation, cancelRequested, timedOut: timedOut === true, paramsLists, timeoutAt };
    const { graph } = this.version;
    if (taskRuns.length === 0) return new RunModel(graph, header);
    const ordinals = new Map(this.version.record.taskIds.map((taskId, ordinal) => [taskId, ordinal]));
    const anew = this.#rowsOf === null ? NONE : startsAnew(this.#rowsOf, graph);
    const gone: TaskRunRecord[] = [];
    const instances = taskRuns.flatMap((row) => {
      const ordinal = ordinals.get(row.taskId);
      const goes = row.state !== "removed" && (ordinal === undefined || anew.has(ordinal));
      if (goes && this.#rowsOf !== null) gone.push(row);
      if (ordinal === undefined) return [];
      const instance = instanceOf(row, ordinal);
      if (goes && instance.state === "succeeded") instance.discarded++;
      if (goes) instance.state = "removed";
      return [instance];
    });
    this.#gone = gone;
    return new RunModel(graph, header, instances);
  }

  #instances(): TaskInstance[] {
    return this.model.tasks
      .flatMap((task) => [task.single, ...(task.elements ?? [])])
      .filter((instance) => instance !== undefined);
  }

  tellTransitions(transitions: readonly Transition[]): void {
    if (this.listeners.size === 0) return;
    for (const { instance, to, attempt, at, error, skipReason, dueAt, result } of transitions) {
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
        ...(result?.cached && { cached: result.cached }),
      });
    }
  }

  tellEnd(): void {
    this.tell({ kind: "run", state: this.model.header.state, counts: this.counts() });
  }

  tell(event: Parameters<RunListener>[0]): void {
    for (const listener of this.listeners) listener(event);
  }
}

const NONE: ReadonlySet<number> = new Set();

/** A row as the model holds it. */
export function instanceOf(row: TaskRunRecord, ordinal: number): TaskInstance {
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
    wait,
    lists,
    arms,
    error,
    isStopping = false,
  } = row;
  return Object.assign(newInstance(ordinal, row.mapIndex, groupRetries), {
    id,
    state,
    claim,
    attempt,
    generation,
    discarded,
    losses,
    stopClaim: isStopping ? claim : 0,
    queuedAt,
    claimedAt,
    dueAt,
    worker,
    wait,
    lists,
    arms,
    failure: error && failedWith(error),
  });
}
