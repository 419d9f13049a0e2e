import { toErrorData } from "../core/error-data.ts";
import type { ErrorData } from "../core/errors.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { TaskModel } from "../core/task-model.ts";
import type { Transition } from "../core/transition.ts";
import type { Assignment } from "../runtime/protocol.ts";
import type { HeldClaim } from "../store/fleet.ts";
import type { Store } from "../store/store.ts";
import type { Arrival } from "./arrival.ts";
import { assignmentFor, openAt } from "./assignment.ts";
import { inputIds, inputValues, type Outputs } from "./inputs.ts";
import type { LiveRun } from "./live-run.ts";
import type { Ready } from "./ready-queue.ts";
import { ValueCache } from "./value-cache.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface Undelivered {
  readonly ready: Ready;
  readonly error: ErrorData;
  /** As a loss of the task run. */
  readonly counts: boolean;
}

const OVERDUE: ErrorData = {
  name: "WorkerClosed",
  code: "WORKER_CLOSED",
  message: "its process stood still for longer than its lease",
};

/** One execution, at a worker. */
export interface Claim {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  /** The task's place in the manifest. */
  readonly task: number;
}

/** What a process knows of its claims beside the store. */
export interface ClaimFacts {
  /** Whether what it claims is still its own, as far as it can know. */
  readonly isHeld: () => boolean;
  /** Whether another part of it goes on with the execution. */
  readonly isHandedOver: (claim: HeldClaim) => boolean;
  /** A task run gave its slot back until an event comes, and that is durable. */
  readonly listens: (run: LiveRun, instance: TaskInstance) => void;
}

/** Knows what is running where: hands claimed task runs with their inputs to the worker, and counts the slots. */
export class Dispatcher {
  readonly #host: WorkerHost;
  readonly #facts: ClaimFacts;
  readonly #values: ValueCache;
  readonly #running = new Map<number, { run: LiveRun; task: number; index: number | null; claim: number }>();
  /** Claims that somebody took away while the worker was at it: each has its slot until the worker lets go. */
  readonly #leaving = new Set<string>();

  constructor(store: Pick<Store, "readOutputs">, host: WorkerHost, claims: ClaimFacts) {
    this.#host = host;
    this.#facts = claims;
    this.#values = new ValueCache(store);
  }

  get free(): number {
    return this.#host.slots - this.#running.size - this.#leaving.size;
  }

  get runningCount(): number {
    return this.#running.size + this.#leaving.size;
  }

  holds(taskRunId: number): boolean {
    return this.#running.has(taskRunId);
  }

  /** Which task run a worker's message is about; `null`: nobody waits for it any more. */
  find(taskRunId: number, claim: number) {
    const found = this.#running.get(taskRunId);
    return found?.claim === claim ? found : null;
  }

  running(): IterableIterator<{ run: LiveRun; task: number; index: number | null; claim: number }> {
    return this.#running.values();
  }

  /** Has these executions stopped. Answers which workers elsewhere are to look for theirs. */
  stop(running: readonly TaskInstance[]): readonly string[] {
    const elsewhere = new Set<string>();
    for (const { id, claim, worker } of running) {
      if (worker === this.#host.name) this.#host.abort(id, claim, "cancelled");
      else if (worker !== null) elsewhere.add(worker);
    }
    return [...elsewhere];
  }

  /** The worker has nothing more to do with this claim, whatever has become of it. */
  left(taskRunId: number, claim: number): void {
    if (this.#leaving.size > 0) this.#leaving.delete(claimKey(taskRunId, claim));
  }

  /**
   * The run was loaded again. What it no longer holds is stopped; what is claimed for this worker, and neither with it nor
   * reported by it, was claimed by a commit whose answer got lost: it is answered, to be started now.
   */
  reconcile(run: LiveRun, arrivals: readonly Arrival[]): readonly Ready[] {
    const reported = new Set(arrivals.map(reportKey));
    for (const [id, { run: of, task, index, claim }] of this.#running) {
      if (of !== run || isRunning(run.instanceAt(task, index), id, claim)) continue;
      this.#running.delete(id);
      if (reported.has(placeKey(task, index, claim))) continue;
      this.#leaving.add(claimKey(id, claim));
      this.#host.abort(id, claim, "cancelled");
    }
    const instances = run.model.tasks
      .flatMap((task) => [task.single, ...(task.elements ?? [])])
      .filter((instance) => instance !== undefined);
    for (const { id } of instances) this.#values.drop(id);
    // The commit with which it began to wait may be the one whose answer got lost.
    for (const instance of run.deferred()) this.#facts.listens(run, instance);
    const unstarted = instances.filter(
      ({ id, state, worker, task, index, claim }) =>
        state === "running" &&
        worker === this.#host.name &&
        !this.#running.has(id) &&
        !this.#facts.isHandedOver({ taskRunId: id, claim }) &&
        !reported.has(placeKey(task, index, claim)),
    );
    for (const { id, task, index, claim } of unstarted) this.#running.set(id, { run, task, index, claim });
    return unstarted.map((instance) => ({ run, instance }));
  }

  /** The run is somebody else's. Answers what the worker is still at: it keeps its slots, and is not followed here any more. */
  release(run: LiveRun, unheard: readonly Arrival[]): readonly Claim[] {
    const reported = new Set(unheard.map(reportKey));
    const running: Claim[] = [];
    for (const [taskRunId, { run: of, task, index, claim }] of this.#running) {
      if (of !== run) continue;
      this.#running.delete(taskRunId);
      if (!reported.has(placeKey(task, index, claim))) running.push({ runId: run.id, taskRunId, claim, task });
    }
    return running;
  }

  /** A transition is durable: a slot is taken or free, and a value may be asked for next. */
  follow(run: LiveRun, { instance, from, to, result, ended, deferral }: Transition): void {
    if (deferral?.wait.events) this.#facts.listens(run, instance);
    if (to === "running")
      this.#running.set(instance.id, { run, task: instance.task, index: instance.index, claim: instance.claim });
    else if (from === "running") this.#running.delete(instance.id);
    if (to !== "succeeded" || !ended || !isRead(run.model.task(instance.task))) return;
    const { output = null, lists = null } = result ?? {};
    this.#values.put(instance.id, output === null ? null : { value: output, lists });
  }

  /** Hands claimed task runs to the worker. Answers those whose inputs could not be had. */
  async dispatch(claimed: readonly Ready[]): Promise<readonly Undelivered[]> {
    if (claimed.length === 0) return [];
    const undelivered: Undelivered[] = [];
    const assignments: Assignment[] = [];
    const outputs = await this.#outputs(claimed, undelivered);
    if (!this.#facts.isHeld()) return claimed.map((ready) => ({ ready, error: OVERDUE, counts: false }));
    for (const ready of outputs === null ? [] : claimed) {
      try {
        const { run, instance } = ready;
        openAt(this.#host, run);
        const values = inputValues(run, instance, outputs as Outputs, this.#values);
        assignments.push(assignmentFor(this.#host, run, instance, values));
      } catch (thrown) {
        undelivered.push({ ready, error: toErrorData(thrown), counts: true });
      }
    }
    this.#host.start(assignments);
    return undelivered;
  }

  async #outputs(claimed: readonly Ready[], undelivered: Undelivered[]): Promise<Outputs | null> {
    const wanted = new Set<number>();
    for (const { run, instance } of claimed) for (const id of inputIds(run, instance)) wanted.add(id);
    if (wanted.size === 0) return NO_OUTPUTS;
    try {
      return await this.#values.read([...wanted]);
    } catch (thrown) {
      undelivered.push(...claimed.map((ready) => ({ ready, error: toErrorData(thrown), counts: true })));
      return null;
    }
  }

  forget(run: LiveRun): void {
    if (run.opened) this.#host.forgetRun(run.id);
    run.opened = false;
    run.shared.clear();
    for (const task of run.model.tasks) {
      if (!isRead(task)) continue;
      if (task.single) this.#values.drop(task.single.id);
      for (const element of task.elements ?? []) if (element) this.#values.drop(element.id);
    }
  }
}

/** Some task may ask for what it returns. */
const isRead = ({ graph }: TaskModel): boolean =>
  graph.downstream.some(({ edge, role }) => (role === "counted" ? edge.plain : role !== "branch"));

const NO_OUTPUTS: Outputs = new Map();

const claimKey = (taskRunId: number, claim: number): string => `${taskRunId}/${claim}`;

const placeKey = (task: number, index: number | null, claim: number): string => `${task}/${index}/${claim}`;

function reportKey(arrival: Arrival): string {
  if (arrival.kind === "finished") return placeKey(arrival.task, arrival.index, arrival.result.claim);
  return arrival.kind === "lost" ? placeKey(arrival.task, arrival.index, arrival.claim) : "";
}

const isRunning = (instance: TaskInstance | undefined, id: number, claim: number): boolean =>
  instance?.id === id && instance.state === "running" && instance.claim === claim;
