import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TuttiError } from "../../core/errors.ts";
import type { Call, Rows } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import { inferColumn } from "./infer-column.ts";
import type { DuckDbModule } from "./module.ts";
import { Misfit, writerFor, type Writer } from "./write-value.ts";

/** DuckDB's own vector size: one chunk. */
const BATCH_ROWS = 2_048;

export const STAGE = "temp.main.tutti_stage";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly writer: Writer;
}

/** Rows that wait in a temporary table of the connection, with all their values converted, to be moved in one statement. */
export interface Stage {
  readonly columns: readonly Column[];
  readonly count: number;
}

/** What the rows are staged for. */
export interface StageFor {
  readonly table: Identifier;
  /** The types of the table's columns by lower-case name; null where the table is yet to be made. */
  readonly known: ReadonlyMap<string, string> | null;
  /** What a row gets that lacks these keys. */
  readonly fixed: Readonly<Record<string, unknown>>;
}

/**
 * Puts rows into the stage, with DuckDB's appender. Gives null when there are no rows.
 *
 * @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`.
 */
export async function stageRows(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  into: StageFor,
  rows: Rows,
  call: Call,
): Promise<Stage | null> {
  let writer: StageWriter | null = null;
  try {
    for await (const batch of batches(rows)) {
      call.signal?.throwIfAborted();
      writer ??= await StageWriter.create(duckdb, connection, into, batch);
      writer.write(batch);
      // Converting is synchronous: the process must hear its host in between.
      await nextTurn();
    }
  } finally {
    writer?.close();
  }
  return writer;
}

class StageWriter implements Stage {
  readonly columns: readonly Column[];
  count = 0;
  readonly #duckdb: DuckDbModule;
  readonly #appender: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  readonly #into: StageFor;

  private constructor(duckdb: DuckDbModule, appender: DuckDBAppender, columns: readonly Column[], into: StageFor) {
    this.#duckdb = duckdb;
    this.#appender = appender;
    this.columns = columns;
    this.#types = columns.map((_, at) => appender.columnType(at));
    this.#into = into;
  }

  static async create(
    duckdb: DuckDbModule,
    connection: DuckDBConnection,
    into: StageFor,
    first: readonly object[],
  ): Promise<StageWriter> {
    const columns = columnsOf(into, first);
    await connection.run(
      `create or replace temp table tutti_stage (${columns.map((column) => `${quote(column.name)} ${column.writer.stage}`).join(", ")})`,
    );
    return new StageWriter(duckdb, await connection.createAppender("tutti_stage", "main", "temp"), columns, into);
  }

  write(batch: readonly object[]): void {
    this.#refuseNewKeys(batch);
    const chunk = this.#duckdb.DuckDBDataChunk.create(this.#types);
    chunk.setColumns(this.columns.map((column) => batch.map((row, at) => this.#value(column, row, at))));
    this.#appender.appendDataChunk(chunk);
    this.count += batch.length;
  }

  close(): void {
    this.#appender.closeSync();
  }

  #value(column: Column, row: object, at: number): DuckDBValue {
    const value = cell(row, column.name, this.#into.fixed);
    if (value === null || value === undefined) return null;
    try {
      const written = column.writer.write(value);
      return written instanceof Uint8Array ? this.#duckdb.blobValue(written) : written;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new TuttiError(
        "ROW_REFUSED",
        `Row ${this.count + at + 1}, column "${column.name}" (${column.type}): ${error.message}`,
      );
    }
  }

  #refuseNewKeys(batch: readonly object[]): void {
    const names = new Set(this.columns.map((column) => column.name));
    batch.forEach((row, at) => {
      const unknown = Object.keys(row).find((key) => !names.has(key));
      if (unknown === undefined) return;
      throw new TuttiError(
        "ROW_REFUSED",
        `Row ${this.count + at + 1} for ${this.#into.table.quoted} has a column "${unknown}" that none of the first ${BATCH_ROWS} rows has. Give every row the same keys.`,
      );
    });
  }
}

async function* batches(rows: Rows): AsyncIterable<object[]> {
  if (Array.isArray(rows)) {
    for (let at = 0; at < rows.length; at += BATCH_ROWS) yield rows.slice(at, at + BATCH_ROWS);
    return;
  }
  let batch: object[] = [];
  for await (const row of rows) {
    if (batch.push(row) < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function columnsOf({ table, known, fixed }: StageFor, first: readonly object[]): Column[] {
  const names = [...new Set([...first.flatMap((row) => Object.keys(row)), ...Object.keys(fixed)])];
  if (names.length === 0) throw new TuttiError("ROW_REFUSED", `Table ${table.quoted}: its rows have no columns.`);
  return names.map((name) => {
    const type =
      known === null ? inferColumn(first.map((row) => cell(row, name, fixed))) : known.get(name.toLowerCase());
    if (type === undefined)
      throw new TuttiError(
        "COLUMN_UNKNOWN",
        `Table ${table.quoted} has no column "${name}". It has: ${[...known!.keys()].join(", ")}.`,
      );
    return { name, type, writer: writerFor(type) };
  });
}

function cell(row: object, name: string, fixed: Readonly<Record<string, unknown>>): unknown {
  const value = (row as Record<string, unknown>)[name];
  return value === undefined && Object.hasOwn(fixed, name) ? fixed[name] : value;
}
