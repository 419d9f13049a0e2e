import { type CommandInbox, type CommandOutcome, commandOutcome, type NewCommand } from "../command-inbox.ts";
import { getCommand, insertCommand } from "./command.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { toUuid } from "./run-uuid.ts";

/** Leaves commands for whichever scheduler they are for. */
export class PostgresInbox implements CommandInbox {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async addCommand({ kind, runId, payload, createdAt }: NewCommand): Promise<number> {
    const uuid = runId === null ? null : toUuid(runId);
    if (runId !== null && uuid === null) throw new Error(`"${runId}" is not the id of a run.`);
    return (await this.#connection.get<{ id: number }>(insertCommand({ kind, uuid, payload, createdAt })))!.id;
  }

  async outcome(id: number): Promise<CommandOutcome> {
    return commandOutcome(await this.#connection.get<{ refusal: string | null }>(getCommand({ id })));
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
