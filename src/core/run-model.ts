import type { Instant } from "./clock.ts";
import { DueQueue } from "./due-queue.ts";
import { type ElementCount, elementCount } from "./element-count.ts";
import type { Edge, Graph, GraphTask } from "./graph.ts";
import { type GroupInstance, GroupModel, groupRetry, noteFailure } from "./group-model.ts";
import { listLengths } from "./list-length.ts";
import type { RunState } from "./run-state.ts";
import { newInstance, type TaskInstance } from "./task-instance.ts";
import { hasEnded, TaskModel } from "./task-model.ts";
import type { ListReports } from "./value.ts";
import { branchVerdict } from "./verdict.ts";

export interface RunHeader {
  readonly id: string;
  state: RunState;
  generation: number;
  cancelRequested: boolean;
  /** When its time is over; `null`: never, or it has not begun. */
  timeoutAt?: Instant | null;
  /** It is. */
  timedOut?: boolean;
  readonly paramsLists: ListReports | null;
}

/**
 * A run in memory: its task instances, and counters that make a decision cost what changed, not what exists.
 * A cache of the store's rows: `derive` counts everything anew from them.
 */
export class RunModel {
  readonly graph: Graph;
  readonly header: RunHeader;
  readonly tasks: readonly TaskModel[];
  readonly groups: readonly GroupModel[];
  /** Tasks that have an instance which has not ended. */
  openTasks = 0;
  /** Task runs that wait for their retry to be due. */
  readonly retrying = new Set<TaskInstance>();
  /** Task runs that gave their slot back until something is due. */
  readonly deferred = new DueQueue(isAwake);
  /** Groups that do. */
  readonly groupsRetrying = new Map<GroupInstance, GroupModel>();

  constructor(graph: Graph, header: RunHeader, instances: readonly TaskInstance[] = []) {
    this.graph = graph;
    this.header = header;
    this.tasks = graph.tasks.map((task) => new TaskModel(task));
    this.groups = graph.groups.map((group) => new GroupModel(group));
    for (const instance of instances) this.task(instance.task).adopt(instance);
    this.derive();
  }

  task(ordinal: number): TaskModel {
    const task = this.tasks[ordinal];
    if (!task) throw new RangeError(`workflow "${this.graph.manifest.name}" has no task ${ordinal}`);
    return task;
  }

  group(ordinal: number): GroupModel {
    const group = this.groups[ordinal];
    if (!group) throw new RangeError(`workflow "${this.graph.manifest.name}" has no group ${ordinal}`);
    return group;
  }

  /** An instance that has only been waiting so far. */
  make(task: TaskModel, index: number | null): TaskInstance {
    const made = newInstance(task.graph.ordinal, index, this.groupRetries(task, index));
    task.put(made);
    return made;
  }

  /** Of what starts anew, or begins. `instance`: the one that does. */
  groupRetries(task: TaskModel, index: number | null, instance = task.at(index)): readonly number[] {
    const { retryGroups, manifest } = task.graph;
    if (manifest.kind === "setup" && instance) return [this.header.generation, instance.claim];
    if (retryGroups.length === 0) return NONE;
    return [this.header.generation, ...retryGroups.map((g) => this.group(g).at(this.group(g).indexOf(index)).retries)];
  }

  /** The retry groups an instance stands in, innermost first. A placeholder stands in none that runs per element. */
  groupsOf(task: GraphTask, index: number | null): Iterable<{ group: GroupModel; instance: GroupInstance }> {
    return task.retryGroups.length === 0 ? NO_GROUPS : this.#groupsAround(task, index);
  }

  *#groupsAround(task: GraphTask, index: number | null): Iterable<{ group: GroupModel; instance: GroupInstance }> {
    for (let place = task.retryGroups.length - 1; place >= 0; place--) {
      const group = this.group(task.retryGroups[place] as number);
      if (group.graph.each !== null && index === null) continue;
      yield { group, instance: group.at(group.indexOf(index)) };
    }
  }

  /** Whether an edge's reader may see how this instance ended. */
  sees(edge: Edge, instance: TaskInstance | undefined): instance is TaskInstance {
    return hasEnded(instance) && (edge.hold === null || this.isFinal(edge.hold, instance.index));
  }

  isFinal(hold: number, index: number | null): boolean {
    const group = this.group(hold);
    if (group.graph.each !== null && index === null) return true;
    return group.at(group.indexOf(index)).final;
  }

  /** Expands a mapped task; a group that holds all its elements then waits for each of them. */
  expand(task: TaskModel, found: Pick<ElementCount, "lengths" | "count"> & Partial<ElementCount>): void {
    task.expand(found);
    this.#widen(task, task.size + (task.isSure ? 0 : 1) - 1);
  }

  /** A task whose list is not known again gets no more elements than it has. */
  settleFor(task: TaskModel): void {
    if (task.isSure) return;
    task.isSure = true;
    this.#widen(task, -1);
    if (task.settled(null)) this.openTasks--;
  }

  #widen(task: TaskModel, by: number): void {
    for (const g of task.graph.retryGroups) if (this.group(g).graph.each === null) this.group(g).at(0).open += by;
  }

  /** An instance ended: counts it in its groups, and in the views that nothing holds back. */
  show(task: TaskModel, instance: TaskInstance): void {
    for (const { instance: around } of this.groupsOf(task.graph, instance.index)) {
      around.open--;
      noteFailure(around, instance, task.graph);
    }
    task.show(instance, null);
    for (const hold of task.holds()) if (this.isFinal(hold, instance.index)) task.show(instance, hold);
    if (task.settled(null)) this.openTasks--;
  }

  /** Counts everything anew from the instances: after loading, and after task runs were re-opened. */
  derive(): void {
    this.retrying.clear();
    this.deferred.clear();
    this.groupsRetrying.clear();
    for (const group of this.groups) group.reset();
    for (const task of this.tasks) task.collapse();
    for (const task of this.tasks) this.#recallGroupRetries(task);
    this.openTasks = this.tasks.length;
    for (const ordinal of this.graph.order) this.#recount(this.task(ordinal));
  }

  /** In graph order: a list's length may need the tasks before it, and what a group holds back shows when its last task is counted. */
  #recount(task: TaskModel): void {
    if (task.graph.dynamic) this.#gather(task);
    else if (task.hasElementRows()) this.#expandToRows(task);
    else if (task.graph.mapped) this.#expandEarly(task);
    task.each((instance) => {
      if (instance?.state === "up_for_retry") this.retrying.add(instance);
      if (instance?.state === "deferred") this.deferred.add(instance, instance.dueAt ?? 0);
      if (hasEnded(instance)) this.show(task, instance);
    });
    if (task.graph.retryGroups.length === 0) return;
    for (const g of task.graph.retryGroups.toReversed()) {
      const group = this.group(g);
      if (group.graph.lastTask === task.graph.ordinal)
        for (const around of group.instances()) if (this.endedForGood(group, around)) this.finalize(group, around);
    }
  }

  endedForGood(group: GroupModel, around: GroupInstance): boolean {
    return (
      around.open === 0 &&
      around.dueAt === null &&
      (this.header.cancelRequested || groupRetry(group, around, 0) === null)
    );
  }

  /** Nothing in it runs again: its readers outside see how its task runs ended. */
  finalize(group: GroupModel, around: GroupInstance): void {
    around.final = true;
    const hold = group.graph.ordinal;
    for (const ordinal of group.graph.tasks) {
      const task = this.task(ordinal);
      if (![...task.holds()].includes(hold)) continue;
      task.each((instance, index) => {
        if (hasEnded(instance) && (group.graph.each === null || index === around.index)) task.show(instance, hold);
      });
    }
  }

  #recallGroupRetries(task: TaskModel): void {
    if (task.graph.retryGroups.length === 0) return;
    for (const instance of [task.single, ...task.kept.values()]) {
      if (!instance || instance.groupRetries[0] !== this.header.generation) continue;
      task.graph.retryGroups.forEach((g, place) => {
        const group = this.group(g);
        if (group.graph.each !== null && instance.index === null) return;
        group.rememberRetries(group.indexOf(instance.index), instance.groupRetries[place + 1] ?? 0);
      });
    }
  }

  /** One more task run of a flow, which has not ended. */
  grow(task: TaskModel, instance: TaskInstance): void {
    if (task.settled(null)) this.openTasks++;
    task.grow(instance);
  }

  /** All that the body of a flow has asked for has a row. */
  #gather(task: TaskModel): void {
    for (const instance of [...task.kept.values()].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)))
      task.grow(instance);
    if (task.size === 0) this.openTasks--;
  }

  /** Elements that have only been waiting have no rows. */
  #expandEarly(task: TaskModel): void {
    if (!task.graph.elementwise || hasEnded(task.single) || branchVerdict(this, task, null) !== "run") return;
    const found = listLengths(this, task);
    if (found.kind === "lengths" && found.count > 0) this.expand(task, found);
  }

  /** One that came to its end without elements has none, whatever rows are left of an earlier generation. */
  #expandToRows(task: TaskModel): void {
    const found = hasEnded(task.single) ? null : elementCount(this, task);
    if (found) this.expand(task, found);
  }
}

const isAwake = ({ state, dueAt }: TaskInstance, at: Instant): boolean => state !== "deferred" || dueAt !== at;

const NONE: readonly number[] = [];
const NO_GROUPS: readonly never[] = [];
