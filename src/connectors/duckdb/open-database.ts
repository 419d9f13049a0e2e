import type { DuckDBInstance } from "@duckdb/node-api";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionFailed } from "../sql/sql-errors.ts";
import type { Location } from "./location.ts";
import { duckDbModule } from "./module.ts";

const FIRST_DELAY_MS = 4;
const MAX_DELAY_MS = 100;

const LOCKED_REMEDY =
  "One process at a time can write to a DuckDB file. Close what holds it; or, where nobody writes, add ?access_mode=read_only to every URL of it; or wait longer with ?lock_timeout=2m.";

/** A database file while it is open in this process, or about to be. */
export class OpenDatabase {
  readonly settings: string;
  readonly instance: Promise<DuckDBInstance>;
  /** Null until it is open. */
  openedAt: number | null = null;
  #opened: DuckDBInstance | null = null;
  #closed = false;

  /** Opens it; while another process holds the file it tries again with growing pauses, for the location's `lockTimeoutMs`. */
  constructor(location: Location, connection: string) {
    this.settings = settingsOf(location);
    this.instance = this.#open(location, connection);
    // Each lease awaits it and says so; without any there is nobody to tell.
    this.instance.catch(() => {});
  }

  close(): void {
    this.#closed = true;
    this.#opened?.closeSync();
  }

  async #open(location: Location, connection: string): Promise<DuckDBInstance> {
    const { DuckDBInstance } = await duckDbModule();
    const deadline = performance.now() + location.lockTimeoutMs;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
      try {
        // Not `fromCache`: it waits for ever on an instance that an abandoned result still holds.
        return this.#keep(await DuckDBInstance.create(location.path, { ...location.settings }));
      } catch (error) {
        if (!isLocked(error)) throw new ConnectionFailed(connection, error);
        if (this.#closed || performance.now() > deadline) throw new ConnectionFailed(connection, error, LOCKED_REMEDY);
      }
      await sleep(delay * (0.5 + Math.random()));
    }
  }

  #keep(instance: DuckDBInstance): DuckDBInstance {
    this.openedAt = performance.now();
    this.#opened = instance;
    // Everybody who wanted it gave up meanwhile.
    if (this.#closed) instance.closeSync();
    return instance;
  }
}

export const settingsOf = (location: Location): string =>
  JSON.stringify(Object.entries(location.settings).sort(([a], [b]) => (a < b ? -1 : 1)));
const isLocked = (error: unknown): boolean =>
  error instanceof Error && error.message.includes("Could not set lock on file");
