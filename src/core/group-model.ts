import type { Instant } from "./clock.ts";
import type { GraphGroup, GraphTask } from "./graph.ts";
import { decideRetry, matchRule } from "./retry-policy.ts";
import type { Failed, TaskInstance } from "./task-instance.ts";

/** One run of a group's body: of the whole group, or of one element of a `group.each`. */
export interface GroupInstance {
  readonly index: number;
  retries: number;
  /** Task runs in it that have not ended, and groups in it that wait for their retry. */
  open: number;
  failed: number;
  /** One of its failures must not run again, whatever the policy says. */
  blocked: boolean;
  /** The last failure in it, for the policy's rules. */
  failure: Failed | null;
  /** Nothing in it will run again, unless a user says so. */
  final: boolean;
  dueAt: Instant | null;
}

/** A group that retries as one. */
export class GroupModel {
  readonly graph: GraphGroup;
  readonly #instances = new Map<number, GroupInstance>();
  readonly #retries = new Map<number, number>();
  readonly #dueAt = new Map<number, Instant>();

  constructor(graph: GraphGroup) {
    this.graph = graph;
  }

  /** The element of the group that an element of a task in it belongs to. */
  indexOf(index: number | null): number {
    return this.graph.each === null ? 0 : (index ?? 0);
  }

  at(index: number): GroupInstance {
    let instance = this.#instances.get(index);
    if (!instance) {
      instance = {
        index,
        retries: this.#retries.get(index) ?? 0,
        open: this.graph.tasks.length,
        failed: 0,
        blocked: false,
        failure: null,
        final: false,
        dueAt: this.#dueAt.get(index) ?? null,
      };
      this.#instances.set(index, instance);
    }
    return instance;
  }

  instances(): IterableIterator<GroupInstance> {
    return this.#instances.values();
  }

  /** What the rows say; used when the element is next looked at. */
  rememberRetries(index: number, retries: number): void {
    this.#retries.set(index, Math.max(retries, this.#retries.get(index) ?? 0));
  }

  /** Forgets the counts, and keeps what only memory knows: retries so far and when the next is due. */
  reset(): void {
    for (const instance of this.#instances.values()) {
      this.#retries.set(instance.index, instance.retries);
      if (instance.dueAt === null) this.#dueAt.delete(instance.index);
      else this.#dueAt.set(instance.index, instance.dueAt);
    }
    this.#instances.clear();
  }

  /** A user's retry: the limit starts anew. */
  forget(): void {
    this.#instances.clear();
    this.#retries.clear();
    this.#dueAt.clear();
  }
}

/** Remembers in a group that one of its tasks failed; an allowed failure is none. */
export function noteFailure(group: GroupInstance, instance: TaskInstance, task: GraphTask): void {
  if (instance.state !== "failed" || task.manifest.allowFailure) return;
  group.failed++;
  group.failure = instance.failure;
  const lost = instance.failure?.code === "WORKER_LOST";
  const crashed = instance.failure?.code === "CHILD_CRASHED" && task.manifest.onWorkerLost === "fail";
  if (lost || crashed) group.blocked = true;
}

/** After how long a group whose task runs have all ended runs again; `null`: it does not. */
export function groupRetry(group: GroupModel, around: GroupInstance, random: number): number | null {
  const policy = group.graph.manifest.retries;
  if (around.failed === 0 || around.blocked || !policy) return null;
  const rule = around.failure === null ? null : matchRule(policy.on, around.failure);
  const again = decideRetry(policy, { attempt: around.retries + 1, rule, retryAfterMs: null, final: false, random });
  return again.retry ? again.delayMs : null;
}
