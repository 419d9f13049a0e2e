import { toErrorData } from "../../core/error-data.ts";
import type { Instant } from "../../core/clock.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import { hasEnded, type TaskModel } from "../../core/task-model.ts";
import type { Assignment } from "../../runtime/protocol.ts";
import type { ClaimedTaskRun, TaskRunPlace } from "../../store/fleet.ts";
import type { Store, TaskRunOutput, TaskRunRecord } from "../../store/store.ts";
import { assignmentFor, openAt } from "../assignment.ts";
import { inputInstances, inputPlaces, inputValues } from "../inputs.ts";
import { instanceOf, LiveRun } from "../live-run.ts";
import type { LiveVersion } from "../live-version.ts";
import { ValueCache } from "../value-cache.ts";
import type { WorkerHost } from "../worker-host.ts";

/** What becomes of claims: told to the host, or refused because their inputs could not be had. What has moved on meanwhile is in neither. */
export interface Prepared {
  readonly assignments: readonly Assignment[];
  readonly failed: readonly { readonly claim: ClaimedTaskRun; readonly error: ErrorData }[];
}

interface KnownRun {
  readonly live: LiveRun;
  usedAt: Instant;
  /** The host knows it as it was in an earlier generation. */
  outdated: boolean;
  /** Something could not be read: what is in memory may be half of it. */
  doubtful: boolean;
  /** Mapped tasks of which single elements were read since the run was loaded: their counts are behind. */
  readonly patched: Set<TaskModel>;
}

interface Place {
  readonly known: KnownRun;
  readonly source: TaskModel;
  readonly index: number | null;
}

/** Runs that nobody needs are let go beyond this many task runs in memory, the least recently used first. */
const MAX_IDLE_INSTANCES = 100_000;

/**
 * The runs of which this worker has claimed something, as far as their claims need them: the run's record, and those task runs
 * whose output somebody reads. A run without mapped tasks is never loaded whole; of one with them, once, and what has ended
 * since is read by its place, for a whole batch of claims at once.
 */
export class ClaimedRuns {
  readonly #store: Pick<Store, "fleet" | "loadRun" | "readOutputs">;
  readonly #host: WorkerHost;
  readonly #version: (id: number) => Promise<LiveVersion>;
  readonly #values: ValueCache;
  /** In the order of their last use. */
  readonly #runs = new Map<string, KnownRun>();
  /** Under which claim the cached value of a task run was returned: a group's retry has it return another. */
  readonly #claims = new Map<number, number>();

  constructor(
    store: Pick<Store, "fleet" | "loadRun" | "readOutputs">,
    host: WorkerHost,
    version: (id: number) => Promise<LiveVersion>,
  ) {
    this.#store = store;
    this.#host = host;
    this.#version = version;
    this.#values = new ValueCache(store);
  }

  /** The store's ids of the tasks of its version, by their places. */
  taskIds(runId: string): readonly number[] | null {
    return this.#runs.get(runId)?.live.version.record.taskIds ?? null;
  }

  /** Whether a task takes down what others have set up: the end of its run does not stop it. */
  takesDown(runId: string, task: number): boolean {
    return this.#runs.get(runId)?.live.version.record.manifest.tasks[task]?.kind === "teardown";
  }

  /** One that the host has open already. */
  adopt({ id, version, record }: LiveRun, now: Instant): void {
    if (this.#runs.has(id)) return;
    const live = new LiveRun(version, record, []);
    live.opened = true;
    this.#runs.set(id, { live, usedAt: now, outdated: false, doubtful: true, patched: new Set() });
  }

  /** @throws what the store throws; nothing has been told to the host then, and the same may be asked again. */
  async prepare(claims: readonly ClaimedTaskRun[], now: Instant): Promise<Prepared> {
    try {
      await this.#know(claims, now);
      await this.#complete(claims);
      return await this.#assignments(claims);
    } catch (error) {
      for (const { runId } of claims) {
        const known = this.#runs.get(runId);
        if (known) known.doubtful = true;
      }
      throw error;
    }
  }

  /** What a task of this worker returned: its readers may be the next that are claimed. Whether it counts, their rows will say. */
  returned(runId: string, taskRunId: number, claim: number, output: TaskRunOutput | null): void {
    if (!this.#runs.has(runId)) return;
    this.#claims.set(taskRunId, claim);
    this.#values.put(taskRunId, output);
  }

  /** Lets go of runs that have not been used since `before`, and of more where they are many. `busy`: those with a task at the host. */
  forget(before: Instant, busy: ReadonlySet<string>): void {
    let instances = 0;
    for (const [runId, known] of [...this.#runs].toReversed()) {
      if (busy.has(runId)) continue;
      instances += instancesOf(known.live).length;
      if (known.usedAt < before || instances > MAX_IDLE_INSTANCES) this.#forget(known);
    }
  }

  /** The runs' records, once for each generation: a later one may have other params, another version, other values. */
  async #know(claims: readonly ClaimedTaskRun[], now: Instant): Promise<void> {
    const unknown = new Set<string>();
    for (const { runId, generation, versionId } of claims) {
      const { record, version } = this.#runs.get(runId)?.live ?? {};
      if (record?.generation !== generation || version?.record.id !== versionId) unknown.add(runId);
    }
    for (const record of unknown.size > 0 ? await this.#store.fleet.readRuns([...unknown]) : []) {
      const version = await this.#version(record.versionId);
      const before = this.#runs.get(record.id);
      if (before) this.#forgetValues(before.live);
      this.#runs.set(record.id, {
        live: new LiveRun(version, record, []),
        usedAt: now,
        outdated: before?.live.opened === true || before?.outdated === true,
        doubtful: false,
        patched: new Set(),
      });
    }
    for (const { runId } of claims) this.#use(runId, now);
  }

  /** Brings into memory what the inputs of these claims stand on. */
  async #complete(claims: readonly ClaimedTaskRun[]): Promise<void> {
    const whole = new Set<KnownRun>();
    for (const claim of claims) this.#place(claim, whole);
    await this.#readPlaces(this.#unknownPlaces(claims, whole), whole);
    await Promise.all([...whole].map((known) => this.#load(known)));
  }

  async #assignments(claims: readonly ClaimedTaskRun[]): Promise<Prepared> {
    const held = claims.flatMap((claim) => this.#find(claim) ?? []);
    const inputs = held.flatMap(({ known, instance }) => inputInstances(known.live, instance));
    for (const { id, claim } of inputs) {
      if (this.#claims.get(id) !== claim) this.#values.forget([id]);
      this.#claims.set(id, claim);
    }
    const outputs = await this.#values.read([...new Set(inputs.map(({ id }) => id))]);
    const assignments: Assignment[] = [];
    const failed: { claim: ClaimedTaskRun; error: ErrorData }[] = [];
    for (const { claim, known, instance } of held) {
      const { live } = known;
      try {
        // Of an earlier generation it may still have a task: so it never knows nothing of the run.
        if (known.outdated) this.#host.forgetRun(live.id);
        known.outdated = false;
        openAt(this.#host, live);
        assignments.push(assignmentFor(this.#host, live, instance, inputValues(live, instance, outputs, this.#values)));
      } catch (thrown) {
        failed.push({ claim, error: toErrorData(thrown) });
      }
    }
    return { assignments, failed };
  }

  #use(runId: string, now: Instant): void {
    const known = this.#runs.get(runId);
    if (!known || known.usedAt === now) return;
    known.usedAt = now;
    this.#runs.delete(runId);
    this.#runs.set(runId, known);
  }

  /** Puts the claimed row where it belongs. Into `whole`: the run has to be loaded for that. */
  #place(claim: ClaimedTaskRun, whole: Set<KnownRun>): void {
    const known = this.#runs.get(claim.runId);
    if (!known) return;
    const task = taskOf(known.live, claim.taskRun);
    if (!task) return;
    const { mapIndex } = claim.taskRun;
    if (known.doubtful) whole.add(known);
    // Nobody reads more of a flow than the claimed row itself.
    if (task.graph.dynamic) return task.place(instanceOf(claim.taskRun, task.graph.ordinal));
    if (mapIndex !== null && (task.elements?.length ?? 0) <= mapIndex) return void whole.add(known);
    const before = task.at(mapIndex);
    if (before && before.generation !== claim.taskRun.generation) whole.add(known);
    if (mapIndex !== null) known.patched.add(task);
    task.put(instanceOf(claim.taskRun, task.graph.ordinal));
  }

  /** What has to be read for their inputs. Into `whole`: more than single places. */
  #unknownPlaces(claims: readonly ClaimedTaskRun[], whole: Set<KnownRun>): readonly Place[] {
    const places = new Map<string, Place>();
    for (const { runId, taskRun } of claims) {
      const known = this.#runs.get(runId);
      if (!known || whole.has(known)) continue;
      const instance = taskOf(known.live, taskRun)?.at(taskRun.mapIndex);
      if (!instance) continue;
      for (const { source, index } of inputPlaces(known.live, instance)) {
        if (index === "all") {
          const all = source.elements ?? [source.single];
          if (known.patched.has(source) || !all.every((each) => isSettled(source, each))) whole.add(known);
        } else if (!isSettled(source, source.at(index)))
          places.set(`${runId} ${source.graph.ordinal} ${index}`, { known, source, index });
      }
    }
    return [...places.values()].filter(({ known }) => !whole.has(known));
  }

  async #readPlaces(places: readonly Place[], whole: Set<KnownRun>): Promise<void> {
    if (places.length === 0) return;
    const rows = await this.#store.fleet.readTaskRuns(places.map(placeOf));
    places.forEach(({ known, source, index }, place) => {
      const row = rows[place];
      if (!row) return;
      const before = source.at(index);
      // Its group was run again: lists may have other lengths now.
      if (before && before.id !== 0 && before.generation !== row.generation) whole.add(known);
      if (index !== null) known.patched.add(source);
      source.put(instanceOf(row, source.graph.ordinal));
    });
  }

  async #load(known: KnownRun): Promise<void> {
    const stored = await this.#store.loadRun(known.live.id);
    if (!stored) return this.#forget(known);
    known.live.reload(stored.run, stored.taskRuns);
    known.doubtful = false;
    known.patched.clear();
  }

  /** `null`: the claim is no longer held, or its run is gone. */
  #find(claim: ClaimedTaskRun): { claim: ClaimedTaskRun; known: KnownRun; instance: TaskInstance } | null {
    const known = this.#runs.get(claim.runId);
    if (!known || known.live.record.generation !== claim.generation) return null;
    const instance = taskOf(known.live, claim.taskRun)?.at(claim.taskRun.mapIndex);
    const isHeld = instance?.id === claim.taskRun.id && instance.claim === claim.taskRun.claim;
    return isHeld ? { claim, known, instance } : null;
  }

  #forget(known: KnownRun): void {
    const { live } = known;
    this.#runs.delete(live.id);
    if (live.opened || known.outdated) this.#host.forgetRun(live.id);
    this.#forgetValues(live);
  }

  #forgetValues(run: LiveRun): void {
    const ids = instancesOf(run);
    for (const id of ids) this.#claims.delete(id);
    this.#values.forget(ids);
  }
}

/** It has ended, and stays so in this generation of the run: only a group's retry starts it anew. */
const isSettled = (task: TaskModel, instance: TaskInstance | undefined): boolean =>
  hasEnded(instance) && instance.id !== 0 && task.graph.retryGroups.length === 0;

const taskOf = (run: LiveRun, { taskId }: TaskRunRecord): TaskModel | undefined =>
  run.model.tasks[run.version.record.taskIds.indexOf(taskId)];

const placeOf = ({ known: { live }, source, index }: Place): TaskRunPlace => ({
  runId: live.id,
  taskId: live.version.record.taskIds[source.graph.ordinal] as number,
  mapIndex: index,
});

const instancesOf = (run: LiveRun): number[] =>
  run.model.tasks.flatMap((task) => [task.single, ...(task.elements ?? [])].map((instance) => instance?.id ?? 0));
