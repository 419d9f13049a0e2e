import type { Call, CopyOptions, Replaced, ReplaceOptions, Row, Rows, SqlDriver } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import type { Statement } from "../sql/statement.ts";
import { despiteConflicts } from "./conflict.ts";
import { databaseAt } from "./database.ts";
import { locate, type Location } from "./location.ts";
import { duckDbModule } from "./module.ts";
import { change, run, stream } from "./run.ts";
import { type FileFormat, writeFile } from "./write-file.ts";
import { copyIn, replace, type Session } from "./write-rows.ts";

export async function duckdbDriver(connection: string, url: string): Promise<DuckDbDriver> {
  // First, so that a missing package is the message, not what follows from it.
  await duckDbModule();
  return new DuckDbDriver(locate(connection, url));
}

/** `tutti/sql` over DuckDB: each call holds the database only while it runs. */
export class DuckDbDriver implements SqlDriver {
  readonly #location: Location;

  constructor(location: Location) {
    this.#location = location;
  }

  async query(statement: Statement, call: Call): Promise<Row[]> {
    return await this.#session(call, false, ({ duckdb, connection }) => run(duckdb, connection, statement, call));
  }

  async *rows(statement: Statement, call: Call): AsyncIterable<Row> {
    const duckdb = await duckDbModule();
    const lease = await databaseAt(this.#location).lease(this.#location, call, { guest: true });
    try {
      yield* stream(duckdb, lease.connection, statement, call);
    } finally {
      lease.release();
    }
  }

  async execute(statement: Statement, call: Call): Promise<number> {
    return await this.#session(call, false, ({ duckdb, connection }) =>
      despiteConflicts(() => change(duckdb, connection, statement, call)),
    );
  }

  async copyIn(table: Identifier, rows: Rows, options: CopyOptions, call: Call): Promise<number> {
    return await this.#session(call, true, (session) => copyIn(session, table, rows, options));
  }

  async replace(table: Identifier, rows: Rows, options: ReplaceOptions, call: Call): Promise<Replaced> {
    return await this.#session(call, true, (session) => replace(session, table, rows, options));
  }

  async writeFile(
    file: string,
    format: FileFormat,
    rows: Rows,
    options: Pick<CopyOptions, "onProgress">,
    call: Call,
  ): Promise<number> {
    return await this.#session(call, true, (session) => writeFile(session, file, format, rows, options));
  }

  async #session<R>(call: Call, guest: boolean, work: (session: Session) => Promise<R>): Promise<R> {
    const duckdb = await duckDbModule();
    const database = databaseAt(this.#location);
    const lease = await database.lease(this.#location, call, { guest });
    try {
      return await work({ duckdb, database, connection: lease.connection, call });
    } finally {
      lease.release();
    }
  }
}
