import type { DuckDBConnection } from "@duckdb/node-api";
import { setTimeout as sleep } from "node:timers/promises";
import { abortable } from "../abortable.ts";
import type { Call } from "../sql/driver.ts";
import { ConnectionFailed } from "../sql/sql-errors.ts";
import type { Location } from "./location.ts";
import { OpenDatabase, settingsOf } from "./open-database.ts";

/** Once a file has been held this long, new calls let the running ones end, so that other processes have their turn. */
const TURN_MS = 500;
const GAP_MS = 25;

/** One connection to an open database, given back when its work is over. */
export interface Lease {
  readonly connection: DuckDBConnection;
  release(): void;
}

/**
 * One DuckDB database in this process. DuckDB lets one process at a time have a file open for writing, and a pipeline's tasks run in several:
 * so the file is open only while a call needs it. Calls of one process share one instance; against other processes they wait in line.
 */
export class Database {
  readonly #memory: boolean;
  #open: OpenDatabase | null = null;
  #leases = 0;
  /** Leases that run the user's code while they hold the file: to wait for them from inside would never end. */
  #guests = 0;
  #onClosed: (() => void)[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(memory: boolean) {
    this.#memory = memory;
  }

  async lease(location: Location, call: Call, options: { readonly guest: boolean }): Promise<Lease> {
    await this.#turn(location, call);
    this.#enter(options.guest);
    let connection: DuckDBConnection | null = null;
    try {
      this.#open ??= new OpenDatabase(location, call.connection);
      const instance = await abortable(this.#open.instance, call.signal);
      connection = await instance.connect();
      // Else a Date would compare with a date column by the machine's zone.
      await connection.run("set TimeZone = 'UTC'");
      return this.#given(connection, options.guest);
    } catch (error) {
      this.#leave(connection, options.guest);
      throw error;
    }
  }

  /** One writing transaction after another in this process: DuckDB fails the second of two that meet. */
  async inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#writing.then(work);
    this.#writing = turn.catch(() => {});
    return await turn;
  }

  async #turn(location: Location, call: Call): Promise<void> {
    while (this.#open !== null && !this.#memory) {
      const otherSettings = settingsOf(location) !== this.#open.settings;
      if (!otherSettings && (this.#guests > 0 || !heldLong(this.#open))) return;
      if (otherSettings && this.#guests > 0) {
        throw new ConnectionFailed(
          call.connection,
          `"${location.path}" is open in this process with other settings`,
          "Give every connection to one file the same URL.",
        );
      }
      await abortable(new Promise<void>((resolve) => this.#onClosed.push(resolve)), call.signal);
      if (!otherSettings) await sleep(GAP_MS * (0.5 + Math.random()));
    }
  }

  #enter(guest: boolean): void {
    this.#leases++;
    if (guest) this.#guests++;
  }

  #given(connection: DuckDBConnection, guest: boolean): Lease {
    let held = true;
    const release = (): void => {
      if (held) this.#leave(connection, guest);
      held = false;
    };
    return { connection, release };
  }

  #leave(connection: DuckDBConnection | null, guest: boolean): void {
    connection?.closeSync();
    this.#leases--;
    if (guest) this.#guests--;
    if (this.#leases > 0 || this.#open === null) return;
    // A database in memory would be gone.
    if (this.#memory && this.#open.openedAt !== null) return;
    this.#open.close();
    this.#open = null;
    for (const resolve of this.#onClosed.splice(0)) resolve();
  }
}

const heldLong = (open: OpenDatabase): boolean => open.openedAt !== null && performance.now() - open.openedAt > TURN_MS;

// By a symbol on the process, because two copies of this package in one process must still share.
const REGISTRY = Symbol.for("tutti.duckdb.databases");
const registry = ((globalThis as { [REGISTRY]?: Map<string, Database> })[REGISTRY] ??= new Map<string, Database>());

export function databaseAt(location: Location): Database {
  let database = registry.get(location.key);
  if (database === undefined) registry.set(location.key, (database = new Database(location.memory)));
  return database;
}
