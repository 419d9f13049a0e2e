import type { GraphTask } from "./graph.ts";
import type { TaskInstance } from "./task-instance.ts";
import { isEndedTaskRun, type TaskRunState } from "./task-run-state.ts";

/** How far a task is, as those may see it who look at the whole of it. */
export interface View {
  total: number;
  ended: number;
  succeeded: number;
  failed: number;
  upstreamFailed: number;
  skipped: number;
}

/** One task of a run: its single instance, or its elements once a mapped task knows how many it has. */
export class TaskModel {
  readonly graph: GraphTask;
  /** The instance of an unmapped task, or the placeholder of a mapped one. */
  single: TaskInstance | undefined;
  /** By map index; `undefined` has only been waiting so far. `null`: not mapped, or not expanded yet. */
  elements: (TaskInstance | undefined)[] | null = null;
  /** Lengths of the lists it maps over, once expanded. */
  lengths: readonly number[] = [];
  /** Rows of elements from before a re-opening, to be used again at the same index. */
  readonly kept = new Map<number, TaskInstance>();
  /** Rows of what no longer exists; used again when it does. */
  readonly removed = new Map<number | null, TaskInstance>();
  /** By the group that holds back what it shows; `null`: nothing does. */
  readonly views = new Map<number | null, View>();
  /** What its shared upstream looked like when its elements were last looked at. */
  sharedDigest: string | null = null;

  constructor(graph: GraphTask) {
    this.graph = graph;
    for (const hold of [null, ...graph.downstream.map(({ edge }) => edge.hold)]) this.views.set(hold, emptyView());
  }

  /** Takes an instance the store knows. */
  adopt(instance: TaskInstance): void {
    if (instance.state === "removed") this.removed.set(instance.index, instance);
    else if (instance.index === null) this.single = instance;
    else this.kept.set(instance.index, instance);
  }

  get size(): number {
    return this.elements?.length ?? 1;
  }

  get open(): number {
    const view = this.view(null);
    return view.total - view.ended;
  }

  at(index: number | null): TaskInstance | undefined {
    return index === null ? this.single : this.elements?.[index];
  }

  put(instance: TaskInstance): void {
    if (instance.index === null) this.single = instance;
    else if (this.elements) this.elements[instance.index] = instance;
  }

  view(hold: number | null): View {
    const view = this.views.get(hold);
    if (!view) throw new RangeError(`task "${this.graph.manifest.name}" has no view for group ${hold}`);
    return view;
  }

  /** What stands for the task now: the elements of an expanded one, else its single instance. */
  each(visit: (instance: TaskInstance | undefined, index: number | null) => void): void {
    if (this.elements) for (let i = 0; i < this.elements.length; i++) visit(this.elements[i], i);
    else visit(this.single, null);
  }

  expand(lengths: readonly number[], count: number): void {
    this.lengths = lengths;
    this.elements = new Array<TaskInstance | undefined>(count).fill(undefined);
    this.sharedDigest = null;
    for (const [index, instance] of this.kept) {
      if (index >= count) continue;
      this.elements[index] = instance;
      this.kept.delete(index);
    }
    for (const view of this.views.values()) view.total = count;
  }

  /** Back to not knowing its elements; their rows are kept for the next expansion. */
  collapse(): void {
    for (const instance of this.elements ?? [])
      if (instance && instance.id !== 0) this.kept.set(instance.index as number, instance);
    this.elements = null;
    this.lengths = [];
    this.sharedDigest = null;
    for (const hold of this.views.keys()) this.views.set(hold, emptyView());
  }

  /** Takes the rows that stand for nothing: of the placeholder once there are elements, and of elements that there are not. */
  takeSurplus(): readonly TaskInstance[] {
    const rows = [...(this.elements ? [this.single] : []), ...this.kept.values()];
    const surplus = rows.filter((instance) => instance !== undefined).filter(({ id }) => id !== 0);
    if (this.elements) this.single = undefined;
    this.kept.clear();
    for (const instance of surplus) this.removed.set(instance.index, instance);
    return surplus;
  }

  /** Some element has been more than waiting: the task had been expanded. */
  hasElementRows(): boolean {
    for (const instance of this.kept.values()) if (instance.state !== "waiting") return true;
    return false;
  }

  /** Counts an ended instance in a view. */
  show(instance: TaskInstance, hold: number | null): void {
    const view = this.view(hold);
    view.ended++;
    const field = COUNTED[instance.state];
    if (field) view[field]++;
  }

  settled(hold: number | null): boolean {
    const view = this.view(hold);
    return view.ended >= view.total;
  }
}

export const hasEnded = (instance: TaskInstance | undefined): instance is TaskInstance =>
  instance !== undefined && isEndedTaskRun(instance.state);

const emptyView = (): View => ({ total: 1, ended: 0, succeeded: 0, failed: 0, upstreamFailed: 0, skipped: 0 });

const COUNTED: Partial<Record<TaskRunState, "succeeded" | "failed" | "upstreamFailed" | "skipped">> = {
  succeeded: "succeeded",
  failed: "failed",
  upstream_failed: "upstreamFailed",
  skipped: "skipped",
};
