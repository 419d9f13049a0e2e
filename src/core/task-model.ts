import type { ElementCount, Unlisted } from "./element-count.ts";
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
  /** Why there is no list for its elements any more; `null`: there is, or it has none. */
  unlisted: Unlisted | null = null;
  #isSure = true;
  /** What nothing holds back. */
  readonly #view = emptyView();
  // Made when there is one: thousands of runs have ten of these each, and few have any.
  /** By the group that holds back what it shows. */
  #held: Map<number, View> | null = null;
  #kept: Map<number, TaskInstance> | null = null;
  #removed: Map<number | null, TaskInstance> | null = null;
  /** What its shared upstream looked like when its elements were last looked at. */
  sharedDigest: string | null = null;

  constructor(graph: GraphTask) {
    this.graph = graph;
    for (const { edge } of graph.downstream)
      if (edge.hold !== null) (this.#held ??= new Map()).set(edge.hold, emptyView());
    if (graph.dynamic) this.collapse();
  }

  /** Takes an instance the store knows. */
  adopt(instance: TaskInstance): void {
    if (instance.state === "removed") (this.#removed ??= new Map()).set(instance.index, instance);
    else if (instance.index === null) this.single = instance;
    else (this.#kept ??= new Map()).set(instance.index, instance);
  }

  /** Rows of elements from before a re-opening, to be used again at the same index. */
  get kept(): ReadonlyMap<number, TaskInstance> {
    return this.#kept ?? NONE;
  }

  /** Rows of what no longer exists. */
  get removed(): ReadonlyMap<number | null, TaskInstance> {
    return this.#removed ?? NONE;
  }

  /** A row of what had ceased to exist, to be used again. */
  takeRemoved(index: number | null): TaskInstance | undefined {
    const instance = this.#removed?.get(index);
    this.#removed?.delete(index);
    return instance;
  }

  get size(): number {
    return this.elements?.length ?? 1;
  }

  get open(): number {
    return this.#view.total - this.#view.ended;
  }

  at(index: number | null): TaskInstance | undefined {
    return index === null ? this.single : this.elements?.[index];
  }

  put(instance: TaskInstance): void {
    if (instance.index === null) this.single = instance;
    else if (this.elements) this.elements[instance.index] = instance;
  }

  view(hold: number | null): View {
    const view = hold === null ? this.#view : this.#held?.get(hold);
    if (!view) throw new RangeError(`task "${this.graph.manifest.name}" has no view for group ${hold}`);
    return view;
  }

  /** The groups that hold back what it shows. */
  holds(): Iterable<number> {
    return this.#held?.keys() ?? NONE.keys();
  }

  /** What stands for the task now: the elements of an expanded one, else its single instance. */
  each(visit: (instance: TaskInstance | undefined, index: number | null) => void): void {
    // Those that it has: nothing says that it will have more.
    if (this.graph.dynamic) this.elements?.forEach(visit);
    else if (this.elements) for (let i = 0; i < this.elements.length; i++) visit(this.elements[i], i);
    else visit(this.single, null);
  }

  /** Whether it has all the elements that it will have. One that has not does not end, and nothing more of it begins. */
  get isSure(): boolean {
    return this.#isSure;
  }

  set isSure(is: boolean) {
    if (is !== this.#isSure) this.#eachView((view) => (view.total += is ? -1 : 1));
    this.#isSure = is;
  }

  /** One more than the last place that has a row. */
  get rowCount(): number {
    let count = 0;
    this.#eachRow(({ index }) => (count = Math.max(count, (index ?? 0) + 1)));
    return count;
  }

  /** Something at this place, or after it, has begun and not ended. */
  isAtWorkFrom(place: number): boolean {
    let found = false;
    this.#eachRow((instance) => {
      found ||= (instance.index ?? 0) >= place && instance.state !== "waiting" && !hasEnded(instance);
    });
    return found;
  }

  #eachRow(visit: (instance: TaskInstance) => void): void {
    for (const instance of this.elements ?? []) if (instance && isRow(instance)) visit(instance);
    for (const instance of this.kept.values()) visit(instance);
  }

  expand({ lengths, count, isSure = true, unlisted = null }: ExpandedTo): void {
    this.lengths = lengths;
    this.unlisted = unlisted;
    this.elements = new Array<TaskInstance | undefined>(count).fill(undefined);
    this.sharedDigest = null;
    for (const [index, instance] of this.kept) {
      if (index >= count) continue;
      this.elements[index] = instance;
      this.#kept?.delete(index);
    }
    this.#eachView((view) => (view.total = count));
    this.isSure = isSure;
  }

  /** Back to not knowing its elements; their rows are kept for the next expansion. */
  collapse(): void {
    for (const instance of this.elements ?? [])
      if (instance && isRow(instance)) (this.#kept ??= new Map()).set(instance.index, instance);
    this.elements = this.graph.dynamic ? [] : null;
    this.lengths = [];
    this.unlisted = null;
    this.#isSure = true;
    this.sharedDigest = null;
    this.#eachView(startAnew);
    if (this.graph.dynamic) this.#view.total = 0;
  }

  /** One more element, which the body of a flow has asked for. */
  grow(instance: TaskInstance): void {
    (this.elements ??= [])[instance.index ?? 0] = instance;
    this.#kept?.delete(instance.index ?? 0);
    this.#view.total++;
  }

  /** One that is read alone, where nobody counts. */
  place(instance: TaskInstance): void {
    (this.elements ??= [])[instance.index ?? 0] = instance;
  }

  /** Takes an element back that does not exist any more: its row is kept as that of what is gone. */
  shrink(instance: TaskInstance): void {
    delete this.elements?.[instance.index ?? 0];
    this.#view.total--;
    (this.#removed ??= new Map()).set(instance.index, instance);
  }

  /** Takes the rows that stand for nothing: of the placeholder once there are elements, and of elements that there are not. */
  takeSurplus(): readonly TaskInstance[] {
    if (this.#kept === null && !(this.elements && this.single)) return [];
    const rows = [...(this.elements ? [this.single] : []), ...this.kept.values()];
    const surplus = rows.filter((instance) => instance !== undefined).filter(isRow);
    if (this.elements) this.single = undefined;
    this.#kept = null;
    for (const instance of surplus) (this.#removed ??= new Map()).set(instance.index, instance);
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

  /** Counts an ended instance no more: it begins anew. */
  hide(instance: TaskInstance): void {
    this.#view.ended--;
    const field = COUNTED[instance.state];
    if (field) this.#view[field]--;
  }

  settled(hold: number | null): boolean {
    const view = this.view(hold);
    return view.ended >= view.total;
  }

  #eachView(visit: (view: View) => void): void {
    visit(this.#view);
    if (this.#held !== null) for (const view of this.#held.values()) visit(view);
  }
}

type ExpandedTo = Pick<ElementCount, "lengths" | "count"> & Partial<ElementCount>;

/** It has a row, or gets one with what is being decided. */
const isRow = ({ id, state }: TaskInstance): boolean => id !== 0 || state !== "waiting";

export const hasEnded = (instance: TaskInstance | undefined): instance is TaskInstance =>
  instance !== undefined && isEndedTaskRun(instance.state);

const emptyView = (): View => ({ total: 1, ended: 0, succeeded: 0, failed: 0, upstreamFailed: 0, skipped: 0 });

function startAnew(view: View): void {
  view.total = 1;
  view.ended = view.succeeded = view.failed = view.upstreamFailed = view.skipped = 0;
}

const NONE = new Map<number, never>();

const COUNTED: Partial<Record<TaskRunState, "succeeded" | "failed" | "upstreamFailed" | "skipped">> = {
  succeeded: "succeeded",
  failed: "failed",
  upstream_failed: "upstreamFailed",
  // By itself, in a run that goes on: what comes after it lacks what it would have made.
  cancelled: "failed",
  skipped: "skipped",
};
