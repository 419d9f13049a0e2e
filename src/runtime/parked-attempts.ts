import { getHeapStatistics } from "node:v8";
import type { Attempt } from "./attempt.ts";
import type { AbortReason, Assignment } from "./protocol.ts";

/** As many are parked before it is asked whether there is room for more. */
const LOOK_EVERY = 256;
/** Of the heap that this process may have. The rest is for the tasks that run. */
const ROOM = 0.7;

/** Code that waits in this process without a slot, on a promise that has not settled, as long as memory allows. */
export class ParkedAttempts {
  readonly #hasRoom: () => boolean;
  readonly #byRun = new Map<string, Map<number, Attempt>>();
  /** Told to stop, and still at it: what their code cleans up. */
  readonly #stopping = new Set<Attempt>();
  #stopped: (() => void) | null = null;
  /** Parked before the next look. */
  #untilLook = LOOK_EVERY;

  constructor(hasRoom = heapHasRoom) {
    this.#hasRoom = hasRoom;
  }

  add(attempt: Attempt): void {
    attempt.forgetInput();
    const { runId, taskRunId } = attempt.task;
    const ofRun = this.#byRun.get(runId) ?? new Map<number, Attempt>();
    this.#byRun.set(runId, ofRun.set(taskRunId, attempt));
    if (--this.#untilLook > 0) return;
    const evicted = this.#hasRoom() ? 0 : this.#evict();
    // What was given up is there until it is collected.
    this.#untilLook = Math.max(LOOK_EVERY, evicted);
  }

  /** The code of this task run, if nobody has had the task run since; what others have gone on with is dropped. */
  take(task: Assignment): Attempt | null {
    const parked = this.#remove(task.runId, task.taskRunId);
    if (!parked) return null;
    if (task.wait !== null && parked.task.claim === task.claim - 1) return parked;
    this.#stop(parked, "cancelled");
    return null;
  }

  /** Lets its code stop: nobody hears what it still says. */
  drop({ runId, taskRunId, claim }: Pick<Assignment, "runId" | "taskRunId" | "claim">, reason: AbortReason): void {
    const parked = this.#byRun.get(runId)?.get(taskRunId);
    if (parked?.task.claim !== claim) return;
    this.#remove(runId, taskRunId);
    this.#stop(parked, reason);
  }

  /** As `drop`, of a run that the caller does not know. */
  dropAny(taskRunId: number, claim: number, reason: AbortReason): void {
    for (const runId of this.#byRun.keys()) this.drop({ runId, taskRunId, claim }, reason);
  }

  /** The run has ended, or is somebody else's. */
  forget(runId: string): void {
    const ofRun = this.#byRun.get(runId);
    this.#byRun.delete(runId);
    for (const parked of ofRun?.values() ?? []) this.#stop(parked, "cancelled");
  }

  /** Its code has come to its end. */
  ended(attempt: Attempt): void {
    if (this.#stopping.delete(attempt) && this.#stopping.size === 0) this.#stopped?.();
  }

  /** Calls back once all that was told to stop has: before, its code may be in a `finally`. */
  whenStopped(call: () => void): void {
    if (this.#stopping.size === 0) call();
    else this.#stopped = call;
  }

  #stop(attempt: Attempt, reason: AbortReason): void {
    this.#stopping.add(attempt);
    attempt.abort(reason);
  }

  /** The first half of each run is nobody's any more, and collected: its code runs again from its first line when its time has come. */
  #evict(): number {
    let evicted = 0;
    for (const [runId, ofRun] of this.#byRun) {
      const half = [...ofRun.keys()].slice(0, Math.ceil(ofRun.size / 2));
      for (const taskRunId of half) this.#remove(runId, taskRunId);
      evicted += half.length;
    }
    return evicted;
  }

  #remove(runId: string, taskRunId: number): Attempt | null {
    const ofRun = this.#byRun.get(runId);
    const parked = ofRun?.get(taskRunId) ?? null;
    ofRun?.delete(taskRunId);
    if (ofRun?.size === 0) this.#byRun.delete(runId);
    return parked;
  }
}

function heapHasRoom(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used < limit * ROOM;
}
