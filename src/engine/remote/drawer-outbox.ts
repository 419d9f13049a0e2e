import type { Fleet } from "../../store/fleet.ts";
import type { DrawerWrite } from "../../store/store.ts";
import type { WorkerLease } from "./worker-lease.ts";

interface Waiting {
  readonly write: DrawerWrite;
  readonly settle: (error: unknown) => void;
}

/** Drawers that tasks have written and the store has not yet, in batches; each task waits for the answer. */
export class DrawerOutbox {
  readonly #fleet: Pick<Fleet, "writeDrawers">;
  readonly #lease: Pick<WorkerLease, "whileHeld">;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(fleet: Pick<Fleet, "writeDrawers">, lease: Pick<WorkerLease, "whileHeld">) {
    this.#fleet = fleet;
    this.#lease = lease;
  }

  /** Resolves when the drawer is durable, and everybody reads it; rejects when its claim is no longer held. */
  add(write: DrawerWrite): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ write, settle: (error) => (error === null ? resolve() : reject(error)) });
    if (!this.#isWriting) void this.#write();
    return promise;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    // What arrives in the same turn goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        const written = await this.#lease.whileHeld(() => this.#fleet.writeDrawers(batch.map(({ write }) => write)));
        batch.forEach(({ settle, write }, place) => settle(written[place] ? null : notHeld(write)));
      } catch (error) {
        for (const { settle } of batch) settle(error);
      }
    }
    this.#isWriting = false;
  }
}

export const notHeld = ({ taskRunId, claim }: Pick<DrawerWrite, "taskRunId" | "claim">): Error =>
  new Error(`task run ${taskRunId} is no longer held under claim ${claim}`);
