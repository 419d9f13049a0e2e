import type { Fleet, HeldClaimState } from "../../store/fleet.ts";
import { isPassing } from "../patience.ts";
import type { WorkerHost } from "../worker-host.ts";
import type { ClaimedRuns } from "./claimed-runs.ts";
import type { HeldTasks } from "./held-tasks.ts";
import type { WorkerLease } from "./worker-lease.ts";

export interface ClaimWatchDeps {
  readonly fleet: Pick<Fleet, "heldClaims">;
  readonly host: Pick<WorkerHost, "abort">;
  readonly held: HeldTasks;
  readonly runs: Pick<ClaimedRuns, "takesDown">;
  readonly lease: Pick<WorkerLease, "whileHeld" | "isHeld">;
  /** The host may have let go of something that nobody waits for. */
  readonly refused: (error: unknown) => void;
}

/** Asks, for everything that is claimed here at once, whether it still should run: its run may be about to end, or others have it. */
export class ClaimWatch {
  readonly #deps: ClaimWatchDeps;
  /** How often there was a reason to. Whoever is being given something meanwhile looks again once it is here. */
  looks = 0;
  #isAsking = false;
  #again = false;

  constructor(deps: ClaimWatchDeps) {
    this.#deps = deps;
  }

  look(): void {
    this.looks += 1;
    this.#again = true;
    if (!this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    const { lease, refused } = this.#deps;
    this.#isAsking = true;
    try {
      while (this.#again && lease.isHeld) {
        this.#again = false;
        await this.#check();
      }
    } catch (error) {
      if (!isPassing(error)) refused(error);
    }
    this.#isAsking = false;
  }

  async #check(): Promise<void> {
    const { fleet, host, held, runs, lease } = this.#deps;
    const asked = held.all();
    if (asked.length === 0) return;
    const states = await lease.whileHeld(() => fleet.heldClaims(asked));
    const byTaskRun = new Map(states.map((state) => [state.taskRunId, state]));
    for (const task of asked) {
      // It has ended meanwhile, and the answer is about that.
      if (held.find(task) !== task) continue;
      const state = byTaskRun.get(task.taskRunId);
      if (state && (task.stopping || !isToStop(state, runs.takesDown(task.runId, task.task)))) continue;
      if (!state) held.leave(task);
      task.stopping = true;
      // One that has not reached the host does not start any more.
      if (task.task >= 0) host.abort(task.taskRunId, task.claim, "cancelled");
    }
  }
}

/** The end of its run does not stop what takes something down. */
const isToStop = ({ cancelRequested, stopRequested }: HeldClaimState, takesDown: boolean): boolean =>
  stopRequested || (cancelRequested && !takesDown);
