import type { Client } from "pg";
import { TuttiError } from "../../core/errors.ts";
import type { Call, CopyOptions, Replaced, ReplaceOptions, Row, Rows, SqlDriver } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import type { Statement } from "../sql/statement.ts";
import { tableMissing } from "../sql/write-errors.ts";
import { columnTypes } from "./columns.ts";
import { type Bytes, copyBytesIn, type CopyFormat, copyOut } from "./copy-bytes.ts";
import { copyRows } from "./copy-rows.ts";
import { type Heard, listen } from "./listen.ts";
import { pgModule } from "./modules.ts";
import { replace } from "./replace.ts";
import { serverAt } from "./server.ts";
import type { Session } from "./session.ts";
import { stream } from "./stream.ts";

/** Where a call gets its connection: one of the server's, or the one that its transaction has. */
export interface Sessions {
  lease(call: Call): Promise<Session>;
  giveBack(session: Session): void;
  /** One that nobody else uses, for its caller to end. */
  connect(call: Call): Promise<Client>;
}

export async function postgresDriver(connection: string, url: string): Promise<PostgresDriver> {
  return new PostgresDriver(serverAt(await pgModule(), connection, url));
}

/** `tutti/sql` over PostgreSQL. */
export class PostgresDriver implements SqlDriver {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async query(statement: Statement, call: Call): Promise<Row[]> {
    return await this.#session(call, async (session) => (await session.run(statement, call)).rows);
  }

  async execute(statement: Statement, call: Call): Promise<number> {
    return await this.#session(call, async (session) => (await session.run(statement, call)).rowCount ?? 0);
  }

  async *rows(statement: Statement, call: Call): AsyncIterable<Row> {
    const session = await this.#sessions.lease(call);
    try {
      yield* stream(session, statement, call);
    } finally {
      this.#sessions.giveBack(session);
    }
  }

  async copyIn(table: Identifier, rows: Rows, options: CopyOptions, call: Call): Promise<number> {
    return await this.#session(call, (session) =>
      session.atomically(call, async () => {
        const known = await columnTypes(session, table, call);
        if (known === null && options.create === false) throw tableMissing(table);
        return await copyRows(session, rows, { target: { table, known, fixed: {} }, options, call });
      }),
    );
  }

  async replace(table: Identifier, rows: Rows, options: ReplaceOptions, call: Call): Promise<Replaced> {
    return await this.#session(call, (session) => replace(session, table, rows, options, call));
  }

  async *copyOut(format: CopyFormat, statement: Statement, call: Call): AsyncIterable<Uint8Array> {
    const session = await this.#sessions.lease(call);
    try {
      yield* copyOut(session, format, statement, call);
    } finally {
      this.#sessions.giveBack(session);
    }
  }

  async copyBytesIn(
    table: Identifier,
    bytes: Bytes,
    options: { readonly format: CopyFormat; readonly columns: readonly string[] | null },
    call: Call,
  ): Promise<number> {
    return await this.#session(call, (session) => copyBytesIn(session, table, bytes, options, call));
  }

  /** Gives `work` a driver whose calls are one transaction. */
  async transaction<R>(begin: string, work: (driver: PostgresDriver) => Promise<R>, call: Call): Promise<R> {
    return await this.#session(call, async (session) => {
      let ended = false;
      const lease = async (): Promise<Session> => {
        if (ended) throw transactionEnded(call.connection);
        return session;
      };
      try {
        const connect: Sessions["connect"] = (own) => this.#sessions.connect(own);
        const inside = new PostgresDriver({ lease, giveBack: () => {}, connect });
        return await session.atomically(call, () => work(inside), begin);
      } finally {
        ended = true;
      }
    });
  }

  async *listen(channel: string, patienceMs: number, call: Call): AsyncIterable<Heard<string>> {
    yield* listen({ channel, patienceMs, connect: (own) => this.#sessions.connect(own) }, call);
  }

  async #session<R>(call: Call, work: (session: Session) => Promise<R>): Promise<R> {
    const session = await this.#sessions.lease(call);
    try {
      return await work(session);
    } finally {
      this.#sessions.giveBack(session);
    }
  }
}

const transactionEnded = (connection: string): TuttiError =>
  new TuttiError(
    "TRANSACTION_ENDED",
    `Connection "${connection}": a transaction was used after its function had ended. Await everything inside of it.`,
  );
