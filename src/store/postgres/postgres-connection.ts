import type { Pool, PoolClient } from "pg";
import { setTimeout as pause } from "node:timers/promises";
import type { Query } from "../query.ts";
import { pgModule, type PgModule } from "./pg-module.ts";
import { isCutOff, isInTheWay, storeError } from "./postgres-error.ts";
import { sql } from "./sql.ts";
import { shownAddress, storeAddress } from "./store-address.ts";

const begin = () => sql("begin")`begin`;
const beginSnapshot = () => sql("beginSnapshot")`begin isolation level repeatable read read only`;
const commit = () => sql("commit")`commit`;
const rollback = () => sql("rollback")`rollback`;

/** Connections at once. The engine uses one for its commits and one or two for what it reads meanwhile. */
const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 5_000;
/** A line that swallows everything, as after a firewall forgot it, is noticed no later than this, and not after a quarter of an hour. */
const ANSWER_MS = 30_000;
const IDLE_MS = 60_000;
/** A connection through a firewall that forgot it is noticed after this, and not after two hours. */
const KEEP_ALIVE_MS = 10_000;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;
/** A deadlock or a lost race: the other one is through by then. */
const TRIES_IN_THE_WAY = 5;
const INT8 = 20;

export interface ConnectionOptions {
  readonly url: string;
  /** How long a statement that changes nothing goes on looking for a server that is away. Default: 30 seconds. */
  readonly patienceMs?: number;
  /** How long a statement may go without an answer before its connection counts as broken. Default: 30 seconds. */
  readonly answerMs?: number;
  /**
   * Whether statements are prepared once under a name. It saves the server a few microseconds each and needs a direct connection:
   * a transaction-mode pooler hands the next transaction another server, which does not know the name. Default: false.
   */
  readonly prepare?: boolean;
}

/** Where statements go: the pool, or one connection within a transaction. */
export interface Session {
  /** Answers how many rows changed. */
  run(query: Query): Promise<number>;
  get<Row>(query: Query): Promise<Row | null>;
  all<Row>(query: Query): Promise<Row[]>;
}

/**
 * Connections to one database. Nothing is kept in a session between two transactions: no settings, locks or prepared
 * statements, so that a transaction-mode pooler may stand in between.
 */
export class PostgresConnection implements Session {
  /** The address without the password. */
  readonly name: string;
  readonly #pool: Pool;
  readonly #patienceMs: number;
  readonly #prepare: boolean;
  #closed = false;

  private constructor(
    pg: PgModule,
    { url, patienceMs = 30_000, answerMs = ANSWER_MS, prepare = false }: ConnectionOptions,
  ) {
    this.name = shownAddress(storeAddress(url));
    this.#patienceMs = patienceMs;
    this.#prepare = prepare;
    const limits = { max: CONNECTIONS, idleTimeoutMillis: IDLE_MS, query_timeout: answerMs };
    this.#pool = new pg.Pool({ ...clientOptions(pg, url), ...limits });
    // An idle connection that breaks is replaced when the next one is needed; without a listener it would end the process.
    this.#pool.on("error", () => {});
  }

  static async open(options: ConnectionOptions): Promise<PostgresConnection> {
    storeAddress(options.url);
    return new PostgresConnection(await pgModule(), options);
  }

  /** Connects once, without patience. */
  async reach(): Promise<void> {
    await this.patiently(async () => void (await this.#withClient(async () => {})), 0);
  }

  async run(query: Query): Promise<number> {
    return this.patiently(async () => (await this.#send(query)).rowCount ?? 0);
  }

  async get<Row>(query: Query): Promise<Row | null> {
    return (await this.all<Row>(query))[0] ?? null;
  }

  async all<Row>(query: Query): Promise<Row[]> {
    return this.patiently(async () => (await this.#send(query)).rows as Row[]);
  }

  /** Exactly once: when the connection breaks, nobody knows whether it was done, and the caller has to ask. */
  async once<Row>(query: Query): Promise<Row[]> {
    for (let tried = 1; ; tried += 1) {
      try {
        return (await this.#send(query)).rows as Row[];
      } catch (cause) {
        if (!isInTheWay(cause) || tried === TRIES_IN_THE_WAY) throw cause;
      }
    }
  }

  /** All of `work`, durable when it resolves, or nothing of it. It may be tried again, so it must not mind being done twice. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.patiently(() => this.#within(begin(), work));
  }

  /** All of `work` sees the same moment, whatever is committed meanwhile. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.patiently(() => this.#within(beginSnapshot(), work));
  }

  /** For migrations: several statements in one text, on one connection. Everything else is a named statement. */
  async exclusively<T>(work: (session: Session, exec: (text: string) => Promise<void>) => Promise<T>): Promise<T> {
    return this.#within(begin(), (session, client) =>
      work(session, async (text) => {
        await client.query(text);
      }),
    ).catch((cause: unknown) => {
      throw storeError(this.name, cause);
    });
  }

  /** Tries again while the server is away or another transaction is in the way, more and more slowly. */
  async patiently<T>(work: () => Promise<T>, patienceMs = this.#patienceMs): Promise<T> {
    const end = performance.now() + patienceMs;
    for (let tried = 1, waitMs = FIRST_WAIT_MS; ; tried += 1, waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        return await work();
      } catch (cause) {
        const mayPass = isCutOff(cause)
          ? performance.now() + waitMs < end
          : isInTheWay(cause) && tried < TRIES_IN_THE_WAY;
        if (!mayPass || this.#closed) throw storeError(this.name, cause);
        await pause(waitMs);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  #send({ statement, values }: Query) {
    const name = this.#prepare ? { name: statement.name } : {};
    return this.#withClient((client) => client.query({ ...name, text: statement.text, values: [...values] }));
  }

  #within<T>(start: Query, work: (session: Session, client: PoolClient) => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      const session = sessionOn(client);
      await session.run(start);
      try {
        const result = await work(session, client);
        await session.run(commit());
        return result;
      } catch (error) {
        // Should this fail too, the connection is gone, and the transaction with it.
        if (!isCutOff(error)) await session.run(rollback()).catch(() => {});
        throw error;
      }
    });
  }

  /** A connection that an error has not broken goes back to the pool, which would close it. */
  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // Between two statements a connection breaks without anybody waiting for it.
    const breaks = (error: Error): void => void (broken = error);
    client.on("error", breaks);
    try {
      return await work(client);
    } catch (error) {
      if (isCutOff(error)) broken ??= error as Error;
      throw error;
    } finally {
      client.off("error", breaks);
      client.release(broken);
    }
  }
}

/** What every connection of ours says when it opens; `LISTEN` has one of its own. */
export const clientOptions = (pg: PgModule, url: string) => ({
  connectionString: url,
  application_name: "tutti",
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  // Ids and instants fit into a number; pg would hand over text.
  types: new Int8AsNumber(pg.types),
});

/** The driver's own parsers but for one. */
class Int8AsNumber {
  readonly #types: PgModule["types"];

  constructor(types: PgModule["types"]) {
    this.#types = types;
  }

  getTypeParser: PgModule["types"]["getTypeParser"] = (oid: number, format?: string) =>
    oid === INT8 ? Number : (this.#types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format);
}

function sessionOn(client: PoolClient): Session {
  const send = ({ statement, values }: Query) => client.query(statement.text, [...values]);
  return {
    run: async (query) => (await send(query)).rowCount ?? 0,
    get: async <Row>(query: Query) => ((await send(query)).rows[0] as Row | undefined) ?? null,
    all: async <Row>(query: Query) => (await send(query)).rows as Row[],
  };
}
