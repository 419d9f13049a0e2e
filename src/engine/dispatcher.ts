import { toErrorData } from "../core/error-data.ts";
import type { ErrorData } from "../core/errors.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { Transition } from "../core/transition.ts";
import type { Assignment, Part, RunInfo } from "../runtime/protocol.ts";
import type { Store } from "../store/store.ts";
import { inputIds, inputValues, type Outputs } from "./inputs.ts";
import type { Arrival, LiveRun } from "./live-run.ts";
import type { Ready } from "./ready-queue.ts";
import { ValueCache } from "./value-cache.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface Undelivered {
  readonly ready: Ready;
  readonly error: ErrorData;
}

/** A part as large as this, read by many elements, goes to a child once and not with each task. */
const SHARED_BYTES = 2 * 1024;

/** Knows what is running where: hands claimed task runs with their inputs to the worker, and counts the slots. */
export class Dispatcher {
  readonly #host: WorkerHost;
  readonly #values: ValueCache;
  readonly #running = new Map<number, { run: LiveRun; task: number; index: number | null; claim: number }>();
  /** Claims that somebody took away while the worker was at it: each has its slot until the worker lets go. */
  readonly #leaving = new Set<string>();

  constructor(store: Pick<Store, "readOutputs">, host: WorkerHost) {
    this.#host = host;
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

  /** The worker has nothing more to do with this claim, whatever has become of it. */
  left(taskRunId: number, claim: number): void {
    this.#leaving.delete(claimKey(taskRunId, claim));
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
    this.#values.forget(instances.map(({ id }) => id));
    const unstarted = instances.filter(
      ({ id, state, worker, task, index, claim }) =>
        state === "running" &&
        worker === this.#host.name &&
        !this.#running.has(id) &&
        !reported.has(placeKey(task, index, claim)),
    );
    for (const { id, task, index, claim } of unstarted) this.#running.set(id, { run, task, index, claim });
    return unstarted.map((instance) => ({ run, instance }));
  }

  /** A transition is durable: a slot is taken or free, and a value may be asked for next. */
  follow(run: LiveRun, { instance, from, to, result, ended }: Transition): void {
    if (to === "running")
      this.#running.set(instance.id, { run, task: instance.task, index: instance.index, claim: instance.claim });
    else if (from === "running") this.#running.delete(instance.id);
    if (to !== "succeeded" || !ended) return;
    const { output = null, lists = null } = result ?? {};
    this.#values.put(instance.id, output === null ? null : { value: output, lists });
  }

  /** Hands claimed task runs to the worker. Answers those whose inputs could not be had. */
  async dispatch(claimed: readonly Ready[]): Promise<readonly Undelivered[]> {
    if (claimed.length === 0) return [];
    const undelivered: Undelivered[] = [];
    const assignments: Assignment[] = [];
    const outputs = await this.#outputs(claimed, undelivered);
    for (const ready of outputs === null ? [] : claimed) {
      try {
        this.#open(ready.run);
        assignments.push(
          this.#assignment(
            ready.run,
            ready.instance,
            inputValues(ready.run, ready.instance, outputs as Outputs, this.#values),
          ),
        );
      } catch (thrown) {
        undelivered.push({ ready, error: toErrorData(thrown) });
      }
    }
    this.#host.start(assignments);
    return undelivered;
  }

  async #outputs(claimed: readonly Ready[], undelivered: Undelivered[]): Promise<Outputs | null> {
    const wanted = new Set<number>();
    for (const { run, instance } of claimed) for (const id of inputIds(run, instance)) wanted.add(id);
    try {
      return await this.#values.read([...wanted]);
    } catch (thrown) {
      undelivered.push(...claimed.map((ready) => ({ ready, error: toErrorData(thrown) })));
      return null;
    }
  }

  forget(run: LiveRun): void {
    if (run.opened) this.#host.forgetRun(run.id);
    run.opened = false;
    run.shared.clear();
    this.#values.forget(
      run.model.tasks.flatMap((task) => [task.single, ...(task.elements ?? [])].map((instance) => instance?.id ?? 0)),
    );
  }

  #open(run: LiveRun): void {
    if (run.opened) return;
    run.opened = true;
    this.#host.openRun(runInfo(run));
  }

  #assignment(run: LiveRun, instance: TaskInstance, values: Record<string, Part>): Assignment {
    const { manifest, mapped } = run.version.graph.tasks[instance.task] as LiveRun["version"]["graph"]["tasks"][number];
    if (mapped) this.#share(run, instance, values);
    const { id, claim, index, attempt, losses } = instance;
    // After a loss it runs apart, so that the culprit shows itself.
    const isolation = losses > 0 ? "process" : manifest.isolation;
    return {
      taskRunId: id,
      claim,
      runId: run.id,
      task: instance.task,
      mapIndex: index,
      attempt,
      idempotencyKey: idempotencyKey(run, instance),
      isolation,
      timeoutMs: manifest.timeoutMs,
      values,
    };
  }

  #share(run: LiveRun, instance: TaskInstance, values: Record<string, Part>): void {
    for (const [name, part] of Object.entries(values)) {
      if (part.kind !== "text" || part.text.length < SHARED_BYTES || !name.startsWith("out:")) continue;
      const from = run.model.task(Number(name.slice("out:".length)));
      if (from.graph.mapped || !from.single) continue;
      const key = `${from.single.id}-${from.single.claim}`;
      if (!run.shared.has(key)) this.#host.share(run.id, key, part.text);
      run.shared.add(key);
      values[name] = { kind: "shared", key };
    }
  }
}

const claimKey = (taskRunId: number, claim: number): string => `${taskRunId}/${claim}`;

const placeKey = (task: number, index: number | null, claim: number): string => `${task}/${index}/${claim}`;

function reportKey(arrival: Arrival): string {
  if (arrival.kind === "finished") return placeKey(arrival.task, arrival.index, arrival.result.claim);
  return arrival.kind === "lost" ? placeKey(arrival.task, arrival.index, arrival.claim) : "";
}

const isRunning = (instance: TaskInstance | undefined, id: number, claim: number): boolean =>
  instance?.id === id && instance.state === "running" && instance.claim === claim;

/** The same in every attempt; another one only when a recorded success was thrown away. */
export function idempotencyKey(run: LiveRun, { task, index, discarded }: TaskInstance): string {
  const element = index === null ? "" : `[${index}]`;
  return `${run.id}/${run.taskName(task)}${element}${discarded > 0 ? `~${discarded}` : ""}`;
}

function runInfo(run: LiveRun): RunInfo {
  const { version, record, model } = run;
  return {
    runId: run.id,
    version: {
      hash: version.record.hash,
      file: version.file,
      workflow: version.record.workflow,
      manifestHash: version.manifestHash,
    },
    params: record.params,
    interval: { start: record.intervalStart, end: record.intervalEnd },
    date: record.date,
    trigger: record.trigger,
    generation: model.header.generation,
    backfill: null,
  };
}
