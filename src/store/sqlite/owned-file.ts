import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { getEpoch, type OwnerRow, takeOwnership } from "./owner.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * The lease in the file. Taking it raises the epoch, and every write reads that first: should the OS lock ever be
 * passed by (a copied lock file, two containers), the older owner writes nothing more.
 */
export class OwnedFile {
  readonly connection: SqliteConnection;
  readonly nextTaskRunId: number;
  readonly #epoch: number;

  constructor(connection: SqliteConnection, now: Instant) {
    this.connection = connection;
    const row = connection.transaction(() => connection.get<OwnerRow>(takeOwnership({ pid: process.pid, now })));
    if (row === null)
      throw new TuttiError(
        "STORE_DAMAGED",
        `Store "${connection.path}" is damaged (its owner row is missing). Put back a copy of it.`,
      );
    this.#epoch = row.epoch;
    this.nextTaskRunId = row.next_task_run_id;
  }

  /** One transaction of the owner. */
  write<T>(work: () => T): T {
    return this.connection.transaction(() => {
      this.#verify();
      return work();
    });
  }

  #verify(): void {
    if (this.connection.get<OwnerRow>(getEpoch())?.epoch === this.#epoch) return;
    throw new TuttiError(
      "STORE_LOCKED",
      `Store "${this.connection.path}" was taken over by another process. This one writes nothing more; stop it.`,
    );
  }
}
