import type { Instant } from "../../core/clock.ts";
import type { Heard, NewProcess, ProcessList } from "../process-list.ts";
import { factsOf, heard } from "../process-row.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { deleteDeadProcesses, deleteProcess, keepProcess } from "./process.sql.ts";

/** The processes of a database, each a row with a lease. Time is the database's; a test brings its own. */
export class PostgresProcesses implements ProcessList {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  async keep(process: NewProcess, leaseMs: number): Promise<Heard> {
    const { name, instance } = process;
    const row = { name, instance, facts: factsOf(process), leaseMs, now: this.#now() };
    return heard(name, await this.#connection.get<Heard>(keepProcess(row)));
  }

  async leave({ name, instance }: Pick<NewProcess, "name" | "instance">): Promise<void> {
    await this.#connection.run(deleteProcess({ name, instance }));
    await this.#connection.run(deleteDeadProcesses({ now: this.#now() }));
  }
}
