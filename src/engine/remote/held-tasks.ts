import type { ClaimedTaskRun, HeldClaim } from "../../store/fleet.ts";
import type { Claim } from "../dispatcher.ts";

/** One task run that this worker has claimed, from the claim to the host's word about its end. */
export interface HeldTask {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  /** The task's place in the manifest; -1: not told to the host yet. */
  task: number;
  /** Under which it was claimed: once another began, it may be others'. 0: it was begun before. */
  readonly lease: number;
  /** Its run is to end: the host was told to stop it, or is never told to start it. */
  stopping: boolean;
}

/** What this worker has claimed and not answered for: each takes a slot. What was taken away from it has its slot until the host lets go. */
export class HeldTasks {
  readonly #held = new Map<number, HeldTask>();
  readonly #leaving = new Map<string, HeldTask>();

  get size(): number {
    return this.#held.size + this.#leaving.size;
  }

  /** The runs that have a task here, also one that is leaving. */
  get runs(): ReadonlySet<string> {
    return new Set([...this.#held.values(), ...this.#leaving.values()].map(({ runId }) => runId));
  }

  all(): readonly HeldTask[] {
    return [...this.#held.values()];
  }

  /** Answers with an earlier execution of the same task run that is still here: it was taken away, and the host is to stop it. */
  take({ runId, taskRun }: ClaimedTaskRun, lease: number): HeldTask | null {
    const earlier = this.#held.get(taskRun.id) ?? null;
    if (earlier) this.leave(earlier);
    const { id: taskRunId, claim } = taskRun;
    this.#held.set(taskRunId, { runId, taskRunId, claim, task: -1, lease, stopping: false });
    return earlier;
  }

  /** One that the host is at already. */
  adopt({ runId, taskRunId, claim, task }: Claim): void {
    this.#held.set(taskRunId, { runId, taskRunId, claim, task, lease: 0, stopping: false });
  }

  /** `null`: it is not, or no longer, this worker's. */
  find({ taskRunId, claim }: HeldClaim): HeldTask | null {
    const held = this.#held.get(taskRunId);
    return held?.claim === claim ? held : null;
  }

  /** Others have it now. Its slot is free once the host has let go of it. */
  leave(task: HeldTask): void {
    this.#held.delete(task.taskRunId);
    if (task.task >= 0) this.#leaving.set(keyOf(task), task);
  }

  /** The host has nothing more to do with it. Answers whether it was still this worker's. */
  end(claim: HeldClaim): HeldTask | null {
    const held = this.find(claim);
    if (held) this.#held.delete(claim.taskRunId);
    this.#leaving.delete(keyOf(claim));
    return held;
  }

  /** Whether it is here, also one that is leaving. */
  has(claim: HeldClaim): boolean {
    return this.find(claim) !== null || this.#leaving.has(keyOf(claim));
  }

  /** An earlier execution of the same task run is still at the host: no two of them may be side by side. */
  isLeaving(taskRunId: number): boolean {
    for (const leaving of this.#leaving.values()) if (leaving.taskRunId === taskRunId) return true;
    return false;
  }
}

const keyOf = ({ taskRunId, claim }: HeldClaim): string => `${taskRunId}/${claim}`;
