import { addMs } from "./clock.ts";
import { type GroupInstance, type GroupModel, groupRetry } from "./group-model.ts";
import { listLengths } from "./list-length.ts";
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

  /** A task run has just ended: its readers and its groups want to know. */
  ended(instance: TaskInstance, random: number): void {
    const task = this.#run.task(instance.task);
    this.#run.show(task, instance);
    this.#wakeReaders(task, instance);
    for (const { group, instance: around } of this.#run.groupsOf(task.graph, instance.index))
      this.#settleGroup(group, around, random);
  }

  settle(): void {
    for (;;) {
      const element = this.#elements.pop();
      if (element) {
        this.#lookAtElement(element.task, element.index, element.cause);
        continue;
      }
      const next = this.#whole.entries().next();
      if (next.done) return;
      this.#whole.delete(next.value[0]);
      this.#lookAt(next.value[0], next.value[1]);
    }
  }

  #wakeReaders(task: TaskModel, instance: TaskInstance): void {
    for (const { task: reader, edge } of task.graph.downstream) {
      if (edge.hold === null || this.#run.isFinal(edge.hold, instance.index))
        this.#wakeReader(this.#run.task(reader), edge.align, instance);
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
    if (this.#run.header.cancelRequested) return;
    if (task.elements) {
      this.#removeSurplus(task);
      return this.#lookAtElements(task, cause);
    }
    if (task.single && task.single.state !== "waiting") return;
    if (task.graph.elementwise) return this.#expandEarly(task, cause);
    const found = verdict(this.#run, task, null);
    if (found === "wait") return;
    if (found !== "run") return this.#end(task, null, found);
    if (!task.graph.mapped) return this.#log.queue(this.#take(task, null), cause);
    this.#expand(task, cause);
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
    if (found.kind === "failed") return this.#fail(task, found.code, found.message);
    if (found.kind !== "lengths") return this.#end(task, null, found.kind);
    if (found.count === 0) return this.#end(task, null, "skipped", "nothing to map over");
    this.#run.expand(task, found.lengths, found.count);
    this.#removeSurplus(task);
    this.#lookAtElements(task, cause);
    for (const { task: reader } of task.graph.downstream) this.#whole.set(this.#run.task(reader), cause);
  }

  /** Rows of an earlier generation that have no place in this one. */
  #removeSurplus(task: TaskModel): void {
    for (const instance of task.takeSurplus()) this.#log.decided(instance, "removed", null);
  }

  #lookAtElements(task: TaskModel, cause: number | null): void {
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
    if (this.#run.header.cancelRequested) return;
    const instance = task.elements?.[index];
    if (instance && instance.state !== "waiting") return;
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

  #fail(task: TaskModel, code: string, message: string): void {
    const instance = this.#take(task, null);
    instance.failure = { name: "MapError", code };
    this.#log.decided(instance, "failed", { ...instance.failure, message });
    this.ended(instance, 0);
  }

  /** The instance that is about to leave `waiting`; one whose row was removed comes back in a new generation. */
  #take(task: TaskModel, index: number | null): TaskInstance {
    const known = task.at(index);
    if (known) return known;
    const removed = task.removed.get(index);
    if (!removed) return this.#run.make(task, index);
    task.removed.delete(index);
    this.#log.reopened(removed, this.#run.groupRetries(task, index));
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
