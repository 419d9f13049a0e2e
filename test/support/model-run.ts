import { decide, type RunEvent, type TaskOutcome } from "../../src/core/decide.ts";
import type { Graph } from "../../src/core/graph.ts";
import { RunModel } from "../../src/core/run-model.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import type { TaskInstance } from "../../src/core/task-instance.ts";
import { canTransition, TASK_RUN_REOPENINGS } from "../../src/core/task-run-state.ts";
import { type Transition, TransitionLog } from "../../src/core/transition.ts";

export type Outcomes = (
  task: number,
  index: number | null,
  generation: number,
  attempt: number,
) => "succeeded" | "failed" | "skipped" | "lost";

/** What a task that succeeds reports besides its value: up to three elements for whoever maps over it, and some arms. */
export function decidedResult(graph: Graph, task: number, index: number | null) {
  const known = graph.tasks[task];
  const length = (task * 7 + (index ?? 0)) % 4;
  const lists = Object.fromEntries((known?.probes ?? []).map(({ key }) => [key, { length }]));
  const arms = known?.manifest.arms ? ARMS[(task + (index ?? 0)) % ARMS.length] : null;
  return { lists, arms: arms ?? null };
}

/** What a task that succeeds reports besides its value. */
export type Results = (
  graph: Graph,
  task: number,
  index: number | null,
  generation: number,
) => ReturnType<typeof decidedResult>;

export interface ModelRunOptions {
  /** A run from its rows, that is not told to begin. Default: a new one. */
  readonly loaded?: RunModel;
  /** Default: `decidedResult`, the same in every generation. */
  readonly results?: Results;
  /** What is told to stop ends as cancelled, where it has not ended. Default: it ends as decided. */
  readonly heedsAborts?: boolean;
}

const ARMS = [[], ["left"], ["right"], ["left", "right"]] as const;

/** Drives a run to its end with decided outcomes, ending running tasks in an order that `pick` chooses. Keeps the rows a store would. */
export class ModelRun {
  readonly run: RunModel;
  readonly transitions: Transition[] = [];
  readonly running: TaskInstance[] = [];
  readonly #graph: Graph;
  readonly #outcomes: Outcomes;
  readonly #results: Results;
  readonly #heedsAborts: boolean;
  /** By the task run, the claim under which it was told to stop. */
  readonly #aborted = new Map<TaskInstance, number>();
  #now = 0;
  #ids = 0;
  #dueAt: number | null = null;

  constructor(
    graph: Graph,
    outcomes: Outcomes,
    { loaded, results = decidedResult, heedsAborts = false }: ModelRunOptions = {},
  ) {
    this.#graph = graph;
    this.#outcomes = outcomes;
    this.#results = results;
    this.#heedsAborts = heedsAborts;
    if (loaded) {
      this.run = loaded;
      this.#ids = 1_000_000;
      return;
    }
    this.run = new RunModel(graph, {
      id: "r",
      state: "queued",
      generation: 1,
      cancelRequested: false,
      paramsLists: null,
    });
    this.decide([{ kind: "begin" }]);
  }

  get ended(): boolean {
    return isEndedRun(this.run.header.state);
  }

  decide(events: readonly RunEvent[]): void {
    const { transitions, queued, abort, dueAt } = decide(this.run, events, this.#now);
    this.#dueAt = dueAt;
    for (const instance of abort) this.#aborted.set(instance, instance.claim);
    this.#record(transitions);
    const log = new TransitionLog(this.#now);
    for (const instance of queued) log.claimed(instance, "w");
    this.#record(log.transitions);
    this.running.push(...queued);
  }

  /** One step: some running task runs end, or time goes on. False when nothing is left to do. */
  step(pick: (count: number) => number): boolean {
    this.#now += 1;
    if (this.running.length === 0) {
      if (this.#dueAt === null) return false;
      this.#now = this.#dueAt;
      this.decide([{ kind: "due", random: 0 }]);
      return true;
    }
    const [instance] = this.running.splice(pick(this.running.length), 1);
    if (instance) this.decide([this.eventFor(instance)]);
    return true;
  }

  toEnd(pick: (count: number) => number): this {
    for (let steps = 0; this.step(pick); steps++) if (steps > 20_000) throw new Error("the run does not end");
    return this;
  }

  eventFor(instance: TaskInstance): RunEvent {
    const { task, index, generation, attempt, claim } = instance;
    const isAborted = this.#heedsAborts && this.#aborted.get(instance) === claim;
    const state = isAborted ? "cancelled" : this.#outcomes(task, index, generation, attempt);
    if (state === "lost")
      return { kind: "lost", instance, claim, error: { name: "Lost", message: "gone" }, counts: true };
    return {
      kind: "finished",
      instance,
      claim,
      startedAt: this.#now,
      endedAt: this.#now,
      random: 0,
      outcome: this.#outcome(instance, state),
    };
  }

  #outcome(
    { task, index, generation }: TaskInstance,
    state: "succeeded" | "failed" | "skipped" | "cancelled",
  ): TaskOutcome {
    if (state === "cancelled") return { state };
    if (state === "skipped") return { state, reason: "said so" };
    if (state === "failed")
      return { state, error: { name: "Error", message: "broken" }, rule: null, retryAfterMs: null, final: false };
    return { state, output: null, ...this.#results(this.#graph, task, index, generation) };
  }

  #record(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const { from, to, instance } = transition;
      const reopened = to === "waiting" && (TASK_RUN_REOPENINGS as readonly string[]).includes(to);
      if (!reopened && !canTransition(from, to)) throw new Error(`${from} -> ${to} is no transition`);
      if (instance.id === 0) instance.id = ++this.#ids;
      this.transitions.push(transition);
    }
  }

  /** The run as a process would load it from the store. */
  reloaded(): RunModel {
    return new RunModel(this.#graph, { ...this.run.header }, this.rows());
  }

  rows(): TaskInstance[] {
    const rows: TaskInstance[] = [];
    for (const task of this.run.tasks) {
      for (const instance of [task.single, ...(task.elements ?? []), ...task.kept.values(), ...task.removed.values()])
        if (instance && instance.id !== 0) rows.push({ ...instance });
    }
    return rows;
  }

  states(): Record<string, unknown> {
    return Object.fromEntries(
      this.run.tasks.map((task) => [
        task.graph.manifest.name,
        task.elements ? task.elements.map((i) => i?.state ?? "waiting") : (task.single?.state ?? "waiting"),
      ]),
    );
  }
}
