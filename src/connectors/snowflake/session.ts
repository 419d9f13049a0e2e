import type { Connection, RowStatement, SnowflakeError, StatementOption } from "snowflake-sdk";
import { setTimeout as delay } from "node:timers/promises";
import type { Call, Row } from "../sql/driver.ts";
import type { Statement } from "../sql/statement.ts";
import { bound } from "./bind.ts";
import { AS_TEXT, reader, readName } from "./read-value.ts";
import { isCutOff, statementFailed } from "./snowflake-error.ts";

/** A statement that was told to end has this long to say so. */
const CANCEL_PATIENCE_MS = 5_000;

/** A statement of ours, without values. */
export const plain = (text: string): Statement => ({ text, values: [], parts: [text] });

export interface Result {
  readonly rows: Row[];
  /** Rows that it changed. */
  readonly updated: number;
  readonly queryId: string;
}

interface Executed {
  readonly statement: RowStatement;
  readonly rows: unknown[][];
}

/** One session while a call has it. An abort ends what it runs on the server. */
export class Session {
  readonly connection: Connection;
  #broken = false;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Whether it must not be used again. */
  get broken(): boolean {
    return this.#broken || !this.connection.isUp();
  }

  /** One statement, all its rows. */
  async run(statement: Statement, call: Call, more: Partial<StatementOption> = {}): Promise<Result> {
    const { statement: done, rows } = await this.execute(statement, call, more);
    return {
      rows: objects(done, rows),
      updated: Math.max(0, done.getNumUpdatedRows() ?? 0),
      queryId: done.getQueryId(),
    };
  }

  /** Row by row, as the server's parts of the result come. */
  async *stream(statement: Statement, call: Call): AsyncIterable<Row> {
    const { statement: running } = await this.execute(statement, call, { streamResult: true });
    const columns = (running.getColumns() ?? []).map((column) => ({ name: readName(column), read: reader(column) }));
    const stream = running.streamRows();
    const onAbort = (): void => void stream.destroy(call.signal?.reason as Error);
    call.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for await (const values of stream as AsyncIterable<unknown[]>)
        yield Object.fromEntries(columns.map(({ name, read }, at) => [name, read(values[at])]));
    } catch (error) {
      call.signal?.throwIfAborted();
      throw statementFailed(call.connection, statement.text, statement.values, error);
    } finally {
      call.signal?.removeEventListener("abort", onAbort);
      stream.destroy();
    }
  }

  /** What the driver gives when the statement is done, or is being fetched. */
  async execute(statement: Statement, call: Call, more: Partial<StatementOption> = {}): Promise<Executed> {
    const { text, binds } = bound(statement);
    return await this.#ended(statement, call, (complete) =>
      this.connection.execute({
        sqlText: text,
        ...(binds.length === 0 ? {} : { binds }),
        rowMode: "array",
        fetchAsString: [...AS_TEXT],
        ...more,
        complete,
      }),
    );
  }

  /** The result of a statement that was begun elsewhere. */
  async fetch(queryId: string, statement: Statement, call: Call): Promise<Result> {
    const options = { queryId, rowMode: "array" as const, fetchAsString: [...AS_TEXT] };
    const { statement: done, rows } = await this.#ended(statement, call, (complete) =>
      this.connection.fetchResult({ ...options, sqlText: "", complete }),
    );
    return { rows: objects(done, rows), updated: Math.max(0, done.getNumUpdatedRows() ?? 0), queryId };
  }

  /** All or nothing. */
  async atomically<R>(call: Call, work: () => Promise<R>): Promise<R> {
    await this.run(plain("begin"), call);
    try {
      const result = await work();
      await this.run(plain("commit"), call);
      return result;
    } catch (error) {
      await this.run(plain("rollback"), { ...call, signal: null }).catch(() => this.spoil());
      throw error;
    }
  }

  /** A session of which nobody knows what it has open is ended. */
  spoil(): void {
    this.#broken = true;
  }

  async #ended(
    { text, values }: Statement,
    { connection, signal }: Call,
    begin: (complete: NonNullable<StatementOption["complete"]>) => RowStatement,
  ): Promise<Executed> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Executed>();
    const running = begin((error: SnowflakeError | undefined, statement, rows) => {
      if (error) reject(error);
      else resolve({ statement, rows: (rows as unknown[][] | undefined) ?? [] });
    });
    const onAbort = (): void => running.cancel(() => {});
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await (signal === null ? promise : Promise.race([promise, late(signal)]));
    } catch (error) {
      promise.catch(() => {});
      if (signal?.aborted === true) {
        if (error === LATE) this.spoil();
        throw signal.reason;
      }
      if (isCutOff(error)) this.spoil();
      throw statementFailed(connection, text, values, error);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

const LATE = Symbol("the statement did not end when it was told to");

/** Rejects when a statement that was told to end has not done so in time. */
async function late(signal: AbortSignal): Promise<never> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await delay(CANCEL_PATIENCE_MS, undefined, { ref: false });
  throw LATE;
}

function objects(statement: RowStatement, rows: readonly unknown[][]): Row[] {
  const columns = (statement.getColumns() ?? []).map((column) => ({ name: readName(column), read: reader(column) }));
  return rows.map((values) => Object.fromEntries(columns.map(({ name, read }, at) => [name, read(values[at])])));
}
