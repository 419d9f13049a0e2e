import type { Context } from "../../authoring/context.ts";
import type { Call, CopyOptions, Replaced, ReplaceOptions, Row, Rows, SqlDriver } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import type { Statement } from "../sql/statement.ts";
import { snowflakeModule } from "./module.ts";
import { loadFiles, type LoadFilesOptions } from "./load-files.ts";
import { ResumableStatement } from "./resumable.ts";
import type { Result, Session } from "./session.ts";
import { isSignedOut } from "./snowflake-error.ts";
import { type Sessions, sessionsAt } from "./sessions.ts";
import { putFile } from "./stage.ts";
import { copyIn, merge, type Merged, type MergeOptions, replace } from "./write-rows.ts";

export async function snowflakeDriver(connection: string, url: string): Promise<SnowflakeDriver> {
  const sessions = sessionsAt(connection, url);
  // First, so that a missing package is the message, not what follows from it.
  await snowflakeModule();
  return new SnowflakeDriver(sessions);
}

/** `tutti/sql` over Snowflake. */
export class SnowflakeDriver implements SqlDriver {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async query(statement: Statement, call: Call): Promise<Row[]> {
    return await this.#statement(call, async (session) => (await session.run(statement, call)).rows);
  }

  async execute(statement: Statement, call: Call): Promise<number> {
    return await this.#statement(call, async (session) => (await session.run(statement, call)).updated);
  }

  async *rows(statement: Statement, call: Call): AsyncIterable<Row> {
    const session = await this.#sessions.lease(call);
    try {
      yield* session.stream(statement, call);
    } finally {
      this.#sessions.giveBack(session);
    }
  }

  async copyIn(table: Identifier, rows: Rows, options: CopyOptions, call: Call): Promise<number> {
    return await this.session(call, (session) => copyIn(session, table, rows, options, call));
  }

  async replace(table: Identifier, rows: Rows, options: ReplaceOptions, call: Call): Promise<Replaced> {
    return await this.session(call, (session) => replace(session, table, rows, options, call));
  }

  async merge(table: Identifier, rows: Rows, options: MergeOptions, call: Call): Promise<Merged> {
    return await this.session(call, (session) => merge(session, table, rows, options, call));
  }

  async putFile(file: string, stage: string, call: Call): Promise<void> {
    await this.session(call, (session) => putFile(session, file, stage, call));
  }

  async loadFiles(
    table: Identifier,
    files: readonly string[],
    options: LoadFilesOptions,
    call: Call,
  ): Promise<Replaced> {
    return await this.session(call, (session) => loadFiles(session, table, files, options, call));
  }

  async resumable(statement: Statement, ctx: Context, call: Call): Promise<Result> {
    return await new ResumableStatement(ctx, this.#sessions).run(statement, call.connection);
  }

  /** One statement. Refused because its session is over, as after hours of idling, it is asked once more under a new one. */
  async #statement<R>(call: Call, work: (session: Session) => Promise<R>): Promise<R> {
    try {
      return await this.session(call, work);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      this.#sessions.signedOut();
      return await this.session(call, work);
    }
  }

  /** For what takes more than one statement. */
  async session<R>(call: Call, work: (session: Session) => Promise<R>): Promise<R> {
    const session = await this.#sessions.lease(call);
    try {
      return await work(session);
    } finally {
      this.#sessions.giveBack(session);
    }
  }
}
