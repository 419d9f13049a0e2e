import type { Instant } from "../../core/clock.ts";
import { isEndedTaskRun, type TaskRunState } from "../../core/task-run-state.ts";
import type { RunEvent, StateCounts } from "../../engine/run-event.ts";
import { taskRunText } from "./time-text.ts";

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

interface KnownTaskRun {
  readonly task: string;
  readonly mapIndex: number | null;
  readonly state: TaskRunState;
}

/** How far a run is, counted from what a follower is told. */
export class TaskTally {
  /** Task runs known so far: the graph's, with a mapped task's elements in its place. */
  total: number;
  ended = 0;
  readonly #states = new Map<string, TaskRunState>();
  readonly #mapped = new Set<string>();
  readonly #since = new Map<string, { readonly at: Instant; readonly shownFrom: number }>();
  readonly #progress = new Map<string, Progress>();

  /** `known`: what a run that goes on has done before. */
  constructor(tasks: number, known: readonly KnownTaskRun[] = []) {
    this.total = tasks;
    for (const { task, mapIndex, state } of known) {
      if (mapIndex !== null) this.#element(task);
      this.#states.set(taskRunText(task, mapIndex), state);
      this.ended += Number(isEndedTaskRun(state));
    }
  }

  get running(): { readonly name: string; readonly sinceMs: number; readonly progress: Progress | null }[] {
    const now = performance.now();
    return [...this.#since].map(([name, since]) => ({
      name,
      sinceMs: now - since.shownFrom,
      progress: this.#progress.get(name) ?? null,
    }));
  }

  /** How long it had been running, when this is its end. */
  moved({ task, mapIndex, state, at }: RunEvent & { kind: "task" }): number | null {
    const name = taskRunText(task, mapIndex);
    const before = this.#states.get(name);
    if (before === undefined && mapIndex !== null) this.#element(task);
    this.#states.set(name, state);
    this.ended += Number(isEndedTaskRun(state)) - Number(before !== undefined && isEndedTaskRun(before));
    const since = this.#since.get(name);
    if (state === "running") this.#since.set(name, { at, shownFrom: performance.now() });
    else {
      this.#since.delete(name);
      this.#progress.delete(name);
    }
    return since === undefined || state === "running" ? null : Math.max(0, at - since.at) / 1000;
  }

  progress(name: string, { done, total, note }: Progress): void {
    this.#progress.set(name, { done, total, note });
  }

  /** Events were missed, or began before: only the sums are known. */
  take(counts: StateCounts): void {
    const entries = Object.entries(counts) as [TaskRunState, number][];
    this.total = entries.reduce((sum, [, count]) => sum + count, 0);
    this.ended = entries.reduce((sum, [state, count]) => sum + (isEndedTaskRun(state) ? count : 0), 0);
  }

  /** The first element stands in the place of the task itself. */
  #element(task: string): void {
    if (this.#mapped.has(task)) this.total++;
    this.#mapped.add(task);
  }
}
