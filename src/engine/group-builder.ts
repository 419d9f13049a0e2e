import type { Decision } from "../core/decide.ts";
import type { RunTransition } from "../core/run-transition.ts";
import type { Instant } from "../core/clock.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { Transition } from "../core/transition.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { NewAlert } from "../store/alerts.ts";
import { inputKey } from "../store/drawer-place.ts";
import type { EmittedEvent } from "../store/events.ts";
import { type LimitUse, rankOf } from "../core/limit.ts";
import type { NewOffer } from "../store/fleet.ts";
import type { NewUse } from "../store/limits.ts";
import type {
  DrawerWrite,
  NewAttempt,
  NewRun,
  NewTaskRun,
  RunChange,
  RunGroup,
  TaskRunChange,
  TaskRunRecord,
} from "../store/store.ts";
import type { LiveRun } from "./live-run.ts";
import { changeOf } from "./task-run-change.ts";

type Insert = { -readonly [K in keyof NewTaskRun]: NewTaskRun[K] };

/** Gathers everything one tick changes about one run, and writes it as the store's group. */
export class GroupBuilder {
  readonly run: LiveRun;
  /** The instances of `inserts`, in their order: they get their ids from the commit. */
  readonly inserted: TaskInstance[] = [];
  transitions: Transition[] = [];
  /** Rows of the results that it uses. */
  readonly results: number[] = [];
  create: NewRun | null = null;
  /** In its commit another one of the same run stands before it. */
  isSecond = false;
  /** It leaves word of something that has happened. */
  emits = false;
  /** Executions to stop once this is durable. */
  aborts: readonly TaskInstance[] = [];
  /** Whom to tell of it. */
  alerts: readonly NewAlert[] = NO_ALERTS;
  readonly #inserts: Insert[] = [];
  /** Made when there are many. */
  #places: Map<TaskInstance, number> | null = null;
  readonly #changes: TaskRunChange[] = [];
  readonly #attempts: NewAttempt[] = [];
  readonly #drawers: DrawerWrite[] = [];
  readonly #offers: NewOffer[] = [];
  /** Task runs that give back what they hold of limits. */
  releases: number[] = NO_RELEASES;
  /** What those that it claims or offers take. */
  uses: NewUse[] | null = null;
  #runChange: RunChange | null = null;

  constructor(run: LiveRun) {
    this.run = run;
  }

  add(transition: Transition): void {
    this.transitions.push(transition);
    const { instance } = transition;
    if (instance.id === 0) return this.#insert(instance, transition);
    if (this.run.version.limited?.[instance.task] && givesBack(transition)) this.#release(instance.id);
    this.#changes.push(changeOf(transition));
    if (transition.deferral) this.#record(transition);
    if (transition.result?.events) this.#emit(transition);
    if (transition.result?.cacheKey !== undefined || transition.result?.cached) this.#cache(transition);
    if (transition.ended) this.#attempts.push(this.#attemptOf(transition));
  }

  /** `alone`: what is to stop in a run that goes on. */
  decided({ transitions, run, abort }: Decision, alone: readonly TaskInstance[], now: Instant): void {
    for (const transition of transitions) this.add(transition);
    if (run) this.changeRun(run, now);
    this.aborts = abort;
    for (const { id: taskRunId, claim } of alone)
      this.#drawers.push({ taskRunId, claim, to: { drawer: "stop", taskRunId }, value: String(claim) });
  }

  changeRun(change: RunTransition, now: Instant): void {
    const started = change.from === "queued" && change.to !== "queued" && this.run.record.startedAt === null;
    this.#runChange = {
      ...this.#runChange,
      state: change.to,
      generation: change.generation,
      cancelRequested: change.cancelRequested,
      timedOut: change.timedOut,
      ...(this.run.gone && { versionId: this.run.version.record.id }),
      ...(started && { startedAt: now }),
      ...(isEndedRun(change.to) ? { endedAt: now } : isEndedRun(change.from) && { endedAt: null }),
    };
  }

  /** The run goes on with another version: rows that stand for nothing in it are there no more. */
  move(gone: readonly TaskRunRecord[], at: Instant): void {
    for (const { id, claim, state } of gone)
      this.#changes.push({
        id,
        claim,
        kind: "decide",
        from: state,
        to: "removed",
        at,
        error: null,
        skipReason: null,
      });
  }

  addOffer(instance: TaskInstance, queue: string): void {
    const taskRun = instance.id === 0 ? { insert: this.#placeOf(instance) } : { id: instance.id };
    this.#offers.push({
      taskRun,
      claim: instance.claim,
      queue,
      priority: -rankOf(
        instance.queuedAt ?? 0,
        this.run.version.record.manifest.tasks[instance.task]?.priority ?? 0,
        this.run.record.backfill !== null,
      ),
    });
  }

  /** What it claims or offers takes of limits. */
  take({ id, claim }: TaskInstance, uses: readonly LimitUse[]): void {
    this.uses ??= [];
    for (const use of uses) this.uses.push({ ...use, taskRunId: id, claim });
  }

  /** The store has left out what it claims of these. */
  unclaim(instances: ReadonlySet<TaskInstance>): void {
    this.transitions = this.transitions.filter(({ instance }) => !instances.has(instance));
  }

  #release(taskRunId: number): void {
    if (this.releases === NO_RELEASES) this.releases = [];
    this.releases.push(taskRunId);
  }

  /** A result from elsewhere that this decision has used. */
  addResult(id: number): void {
    this.results.push(id);
  }

  addDrawer(write: DrawerWrite): void {
    this.#drawers.push(write);
  }

  /** What its code had recorded until it gave the slot back, and what those get that it asks for. */
  #record({ instance, claim, deferral }: Transition): void {
    const taskRunId = instance.id;
    const { taskIds } = this.run.version.record;
    for (const { task, index, input } of deferral?.requests ?? [])
      this.#drawers.push({
        taskRunId,
        claim,
        to: { drawer: "inputs", taskRunId, key: inputKey(taskIds[task] ?? 0, index) },
        value: input,
      });
    for (const { key, value } of deferral?.steps ?? [])
      this.#drawers.push({ taskRunId, claim, to: { drawer: "steps", taskRunId, key }, value });
  }

  /** What its code says that has happened, beside its result. */
  #emit({ instance, claim, result, at }: Transition): void {
    this.emits = true;
    const taskRunId = instance.id;
    for (const [place, event] of (result?.events ?? []).entries()) {
      const key = `${claim} ${String(place).padStart(6, "0")}`;
      const value = JSON.stringify({ ...event, at } satisfies EmittedEvent);
      this.#drawers.push({ taskRunId, claim, to: { drawer: "events", taskRunId, key }, value });
    }
  }

  /** That others may take its value, or whose it took. */
  #cache({ instance, claim, result, ended, at }: Transition): void {
    const taskRunId = instance.id;
    const made = { key: result?.cacheKey, claim, madeAt: ended?.endedAt ?? at };
    const [key, value] = result?.cached ? (["taken", result.cached] as const) : (["made", made] as const);
    this.#drawers.push({ taskRunId, claim, to: { drawer: "cache", taskRunId, key }, value: JSON.stringify(value) });
  }

  build(): RunGroup {
    const { id, revision } = this.run;
    return {
      runId: id,
      revision: this.isSecond ? revision + 1 : revision,
      create: this.create,
      run: this.#runChange,
      inserts: this.#inserts,
      changes: this.#changes,
      attempts: this.#attempts,
      drawers: this.#drawers,
      offers: this.#offers,
      results: this.results,
      ...(this.alerts.length > 0 && { alerts: this.alerts }),
      ...(this.releases.length > 0 && { releases: this.releases }),
      ...(this.uses !== null && { uses: this.uses }),
      ...(this.isSecond && { follows: true }),
    };
  }

  /** A task run without a row: what happens to it in the same tick is one insert. */
  #insert(instance: TaskInstance, { to, at, error, skipReason, worker }: Transition): void {
    let insert = this.#inserts[this.#placeOf(instance)];
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
      this.#places?.set(instance, this.inserted.length);
      this.#inserts.push(insert);
      this.inserted.push(instance);
    }
    insert.state = to as Insert["state"];
    if (to === "queued") insert.queuedAt = at;
    else if (to === "running") Object.assign(insert, { claim: 1, claimedAt: at, worker });
    else Object.assign(insert, { endedAt: at, error, skipReason });
  }

  /** Of an instance in `inserts`; -1: it is not there. */
  #placeOf(instance: TaskInstance): number {
    if (this.inserted.length <= FEW) return this.inserted.indexOf(instance);
    this.#places ??= new Map(this.inserted.map((inserted, place) => [inserted, place]));
    return this.#places.get(instance) ?? -1;
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

const NO_ALERTS: readonly NewAlert[] = [];
const NO_RELEASES: number[] = [];

/** One that is only offered holds what it takes as well. */
const givesBack = ({ from, to }: Transition): boolean => (from === "running" || from === "queued") && to !== "running";

/** Up to as many are looked through. */
const FEW = 8;

export type Builders = Map<LiveRun, GroupBuilder>;

export function builderOf(builders: Builders, run: LiveRun): GroupBuilder {
  let builder = builders.get(run);
  if (!builder) builders.set(run, (builder = new GroupBuilder(run)));
  return builder;
}
