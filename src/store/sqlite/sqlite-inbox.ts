import { type CommandInbox, type CommandOutcome, commandOutcome, type NewCommand } from "../command-inbox.ts";
import { getCommand, insertCommand } from "./command.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Leaves commands in the file of another owner, or of none: one short transaction each. */
export class SqliteInbox implements CommandInbox {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async addCommand(command: NewCommand): Promise<number> {
    return this.#connection.transaction(() => this.#connection.get<{ id: number }>(insertCommand(command))!.id);
  }

  async outcome(id: number): Promise<CommandOutcome> {
    return commandOutcome(this.#connection.get<{ refusal: string | null }>(getCommand({ id })));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
