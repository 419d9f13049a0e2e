import type { TaskInstance } from "../../core/task-instance.ts";
import type { LiveRun } from "../live-run.ts";
import { EventWaiters, type EventWaitersDeps } from "./event-waiters.ts";
import { RunCalls, type RunCallsDeps } from "./run-calls.ts";

/** Task runs that wait for what happens outside their run: events, and runs that they have asked for. */
export class OutsideWaits {
  readonly #events: EventWaiters;
  readonly #calls: RunCalls;

  constructor(deps: EventWaitersDeps & RunCallsDeps) {
    this.#events = new EventWaiters(deps);
    this.#calls = new RunCalls(deps);
  }

  /** It waits, and that is durable; or it was loaded while it did. */
  add(run: LiveRun, instance: TaskInstance): void {
    this.#events.add(run, instance);
    this.#calls.add(run, instance);
  }

  /** Something may have been emitted, or ended. */
  look(): void {
    this.#events.look();
  }

  get busy(): boolean {
    return this.#events.busy || this.#calls.busy;
  }

  /** Starts no more runs. */
  stop(): void {
    this.#calls.stop();
  }
}
