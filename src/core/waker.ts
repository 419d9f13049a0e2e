import { addMs } from "./clock.ts";
import { elementCount, type Unlisted } from "./element-count.ts";
import { type GroupInstance, type GroupModel, groupRetry } from "./group-model.ts";
import { wakeBody } from "./flow-tasks.ts";
import { listLengths } from "./list-length.ts";
import { isTeardown } from "./resource.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import { hasEnded, type TaskModel } from "./task-model.ts";
import type { TransitionLog } from "./transition.ts";
import { branchVerdict, listIndex, sharedDigest, verdict } from "./verdict.ts";

/** Spreads the consequences of ended task runs through the graph: a list of places to look at, worked off until it is empty. */
export class Waker {
  readonly #run: RunModel;
  readonly #log: TransitionLog;
  readonly #elements: { task: TaskModel; index: number; cause: number | null }[] = [];
  /** Tasks to look at as a whole, with the task whose end made it necessary. */
  readonly #whole = new Map<TaskModel, number | null>();

  constructor(run: RunModel, log: TransitionLog) {
    this.#run = run;
    this.#log = log;
  }

  /** Looks at every group and task: a new run, a loaded one, or one with re-opened task runs. */
  lookAtAll(random = 1): void {
    for (const group of this.#run.groups.toReversed()) {
      if (group.graph.manifest.retries)
        for (const instance of group.instances()) this.#settleGroup(group, instance, random);
    }
    for (const ordinal of this.#run.graph.order) this.#whole.set(this.#run.task(ordinal), null);
    for (const task of this.#run.tasks) task.sharedDigest = null;
  }

  /** Looks at a task as a whole. */
  look(task: TaskModel): void {
    this.#whole.set(task, null);
  }

  /** A task run has just ended: its readers and its groups want to know. */
  ended(instance: TaskInstance, random: number): void {
    const task = this.#run.task(instance.task);
    this.#run.show(task, instance);
    // It may have been the last thing at work that its list leaves out.
    if (!task.isSure) this.look(task);
    this.#wakeReaders(task, instance);
    for (const { group, instance: around } of this.#run.groupsOf(task.graph, instance.index))
      this.#settleGroup(group, around, random);
    if (task.graph.dynamic) wakeBody(this.#run, this.#log);
  }

  settle(): void {
    this.#settleElements();
    // What is added meanwhile, or again, is visited too.
    for (const [task, cause] of this.#whole) {
      this.#whole.delete(task);
      this.#lookAt(task, cause);
      this.#settleElements();
    }
  }

  #settleElements(): void {
    for (let next = this.#elements.pop(); next; next = this.#elements.pop())
      this.#lookAtElement(next.task, next.index, next.cause);
  }

  #wakeReaders(task: TaskModel, instance: TaskInstance): void {
    for (const { task: place, edge } of task.graph.downstream) {
      const reader = this.#run.task(place);
      const isShown = edge.hold === null || this.#run.isFinal(edge.hold, instance.index);
      if (isShown || (this.#run.header.cancelRequested && isTeardown(reader)))
        this.#wakeReader(reader, edge.align, instance);
    }
  }

  #wakeReader(reader: TaskModel, align: TaskModel["graph"]["upstream"][number]["align"], source: TaskInstance): void {
    if (align.kind === "all" || source.index === null || !reader.elements) this.#whole.set(reader, source.task);
    else if (align.kind === "same" || reader.graph.manifest.map?.kind === "zip")
      this.#elements.push({ task: reader, index: source.index, cause: source.task });
    else
      for (let i = 0; i < reader.elements.length; i++)
        if (listIndex(reader, align.list, i) === source.index)
          this.#elements.push({ task: reader, index: i, cause: source.task });
  }

  #lookAt(task: TaskModel, cause: number | null): void {
    if ((this.#run.header.cancelRequested && !isTeardown(task)) || task.graph.dynamic) return;
    if (task.elements) {
      if (!task.isSure) return this.#countAgain(task);
      this.#removeSurplus(task);
      return this.#lookAtElements(task, cause);
    }
    if (task.single && task.single.state !== "waiting") return;
    if (task.graph.elementwise) return this.#expandEarly(task, cause);
    const found = verdict(this.#run, task, null);
    if (found === "wait") return;
    if (found !== "run") return this.#end(task, null, found, isTeardown(task) ? "nothing was set up" : null);
    if (!task.graph.mapped) return this.#log.queue(this.#take(task, null), cause);
    this.#expand(task, cause);
  }

  /** What it maps over may be known again: then it has other elements, and so may have what maps over those. */
  #countAgain(task: TaskModel): void {
    if (elementCount(this.#run, task)?.isSure === false) return;
    this.#run.derive();
    this.lookAtAll();
    // It is looked at again when something else has ended.
    if (!task.isSure) this.#whole.delete(task);
  }

  /** Elements with dependencies of their own exist as soon as their number is known; each then decides alone. */
  #expandEarly(task: TaskModel, cause: number | null): void {
    const branch = branchVerdict(this.#run, task, null);
    if (branch === "skipped") return this.#end(task, null, branch);
    if (branch === "run") this.#expand(task, cause);
  }

  #expand(task: TaskModel, cause: number | null): void {
    const found = listLengths(this.#run, task);
    if (found.kind === "wait") return;
    if (found.kind !== "lengths") return this.#endWithout(task, null, found);
    if (found.count === 0) return this.#end(task, null, "skipped", "nothing to map over");
    this.#run.expand(task, found);
    this.#removeSurplus(task);
    this.#lookAtElements(task, cause);
    for (const { task: reader } of task.graph.downstream) this.#whole.set(this.#run.task(reader), cause);
  }

  /** Rows of an earlier generation that have no place in this one. */
  #removeSurplus(task: TaskModel): void {
    for (const instance of task.takeSurplus()) this.#log.decided(instance, "removed", null);
  }

  #lookAtElements(task: TaskModel, cause: number | null): void {
    if (task.unlisted) return task.each((_, index) => this.#lookAtElement(task, index ?? 0, cause));
    const digest = sharedDigest(this.#run, task);
    if (digest === task.sharedDigest) return;
    task.sharedDigest = digest;
    const shared = task.graph.elementwise ? null : verdict(this.#run, task, null);
    if (shared === "wait") return;
    const count = task.elements?.length ?? 0;
    for (let i = 0; i < count; i++) this.#lookAtElement(task, i, cause, shared);
  }

  #lookAtElement(
    task: TaskModel,
    index: number,
    cause: number | null,
    known: ReturnType<typeof verdict> | null = null,
  ): void {
    if (this.#run.header.cancelRequested || !task.isSure) return;
    const instance = task.elements?.[index];
    if (instance && instance.state !== "waiting") return;
    if (task.unlisted) return this.#endWithout(task, index, task.unlisted);
    const found = known ?? verdict(this.#run, task, index);
    if (found === "run") this.#log.queue(this.#take(task, index), cause);
    else if (found !== "wait") this.#end(task, index, found);
  }

  #end(
    task: TaskModel,
    index: number | null,
    state: "skipped" | "upstream_failed",
    reason: string | null = null,
  ): void {
    const instance = this.#take(task, index);
    this.#log.decided(instance, state, null, reason);
    this.ended(instance, 0);
  }

  /** There is no list to map over. */
  #endWithout(task: TaskModel, index: number | null, why: Unlisted): void {
    if (why.kind !== "failed") return this.#end(task, index, why.kind);
    const instance = this.#take(task, index);
    instance.failure = { name: "MapError", code: why.code };
    this.#log.decided(instance, "failed", { ...instance.failure, message: why.message });
    this.ended(instance, 0);
  }

  /** The instance that is about to leave `waiting`; one whose row was removed comes back in a new generation. */
  #take(task: TaskModel, index: number | null): TaskInstance {
    const known = task.at(index);
    if (known) return known;
    const removed = task.takeRemoved(index);
    if (!removed) return this.#run.make(task, index);
    this.#log.reopened(removed, this.#run.groupRetries(task, index, removed));
    task.put(removed);
    return removed;
  }

  /** All task runs of a group have ended: it runs again as one, or ends for good and shows what it held back. */
  #settleGroup(group: GroupModel, around: GroupInstance, random: number): void {
    if (around.open > 0 || around.final || this.#run.groupsRetrying.has(around)) return;
    const delayMs = this.#run.header.cancelRequested ? null : groupRetry(group, around, random);
    if (delayMs === null) return this.#finalize(group, around);
    around.dueAt ??= addMs(this.#log.now, delayMs);
    this.#run.groupsRetrying.set(around, group);
    for (const outer of group.graph.retryGroups)
      this.#run.group(outer).at(this.#run.group(outer).indexOf(around.index)).open++;
  }

  #finalize(group: GroupModel, around: GroupInstance): void {
    around.dueAt = null;
    this.#run.finalize(group, around);
    for (const ordinal of group.graph.tasks) this.#wakeHeldReaders(this.#run.task(ordinal), group, around);
  }

  #wakeHeldReaders(task: TaskModel, group: GroupModel, around: GroupInstance): void {
    const held = task.graph.downstream.filter(({ edge }) => edge.hold === group.graph.ordinal);
    if (held.length === 0) return;
    task.each((instance, index) => {
      if (!hasEnded(instance) || (group.graph.each !== null && index !== around.index)) return;
      for (const { task: reader, edge } of held) this.#wakeReader(this.#run.task(reader), edge.align, instance);
    });
  }
}
