import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from "@duckdb/node-api";
import { TuttiError } from "../../core/errors.ts";
import type { Call, Row } from "../sql/driver.ts";
import { SqlFailed } from "../sql/sql-errors.ts";
import type { Statement } from "../sql/statement.ts";
import { bind } from "./bind.ts";
import type { DuckDbModule } from "./module.ts";
import { reader, rowsOf } from "./read-value.ts";

/** What DuckDB is told: its placeholders are `$1`, as a statement's are. */
type Bound = Pick<Statement, "text" | "values">;

const INTERRUPT_EVERY_MS = 50;

/** All rows of one statement. An aborted signal interrupts it. */
export async function run(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  statement: Bound,
  call: Call,
): Promise<Row[]> {
  return await guarded(connection, statement, call, async () => {
    const rows: Row[] = [];
    const result = await prepared(duckdb, connection, statement, async (ready) => await ready.run());
    for await (const batch of rowBatches(duckdb, result)) for (const row of batch) rows.push(row);
    return rows;
  });
}

/** How many rows one statement changed. */
export async function change(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  statement: Bound,
  call: Call,
): Promise<number> {
  return await guarded(
    connection,
    statement,
    call,
    async () => await prepared(duckdb, connection, statement, async (ready) => (await ready.run()).rowsChanged),
  );
}

/** Rows as DuckDB makes them, a chunk at a time. Ended early, it is interrupted: else its result would hold the file until it is collected. */
export async function* stream(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  statement: Bound,
  call: Call,
): AsyncIterable<Row> {
  const result = await guarded(
    connection,
    statement,
    call,
    async () => await prepared(duckdb, connection, statement, async (ready) => await ready.stream()),
  );
  const batches = rowBatches(duckdb, result)[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (true) {
      const next = await guarded(connection, statement, call, async () => await batches.next());
      if (next.done === true) break;
      yield* next.value;
    }
    ended = true;
  } finally {
    if (!ended) await discard(connection, result);
  }
}

/** Commits what `work` did, or rolls it back. */
export async function transaction<R>(connection: DuckDBConnection, work: () => Promise<R>): Promise<R> {
  await connection.run("begin transaction");
  try {
    const result = await work();
    await connection.run("commit");
    return result;
  } catch (error) {
    // A statement that failed may have ended the transaction already.
    await connection.run("rollback").catch(() => {});
    throw error;
  }
}

async function prepared<R>(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  { text, values }: Bound,
  work: (ready: DuckDBPreparedStatement) => Promise<R>,
): Promise<R> {
  const statements = await connection.extractStatements(text);
  // What is bound belongs to one statement; and whatever slipped into the text can't start a second one.
  if (statements.count !== 1)
    throw new TuttiError("SQL_SEVERAL_STATEMENTS", `One statement a call; this text holds ${statements.count}.`);
  const ready = await statements.prepare(0);
  try {
    values.forEach((value, at) => ready.bindValue(at + 1, ...bind(duckdb, value)));
    return await work(ready);
  } finally {
    ready.destroySync();
  }
}

async function guarded<R>(
  connection: DuckDBConnection,
  { text }: Bound,
  { connection: name, signal }: Call,
  work: () => Promise<R>,
): Promise<R> {
  signal?.throwIfAborted();
  let again: NodeJS.Timeout | null = null;
  const interrupt = (): void => {
    connection.interrupt();
    // DuckDB forgets it when the statement has not begun yet.
    again = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TuttiError ? error : new SqlFailed(name, text, error);
  } finally {
    signal?.removeEventListener("abort", interrupt);
    if (again !== null) clearInterval(again);
  }
}

async function* rowBatches(duckdb: DuckDbModule, result: DuckDBResult): AsyncIterable<Row[]> {
  const names = result.deduplicatedColumnNames();
  const readers = result.columnTypes().map((type) => reader(duckdb, type));
  for await (const chunk of result) yield rowsOf(chunk, names, readers);
}

async function discard(connection: DuckDBConnection, result: DuckDBResult): Promise<void> {
  connection.interrupt();
  try {
    while (((await result.fetchChunk())?.rowCount ?? 0) > 0);
  } catch {
    // "Interrupted", as it should be.
  }
}
