import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TuttiError } from "../../core/errors.ts";
import type { Call, Rows } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import { inferColumn } from "./infer-column.ts";
import type { DuckDbModule } from "./module.ts";
import { Misfit, writerFor, type Writer } from "./write-value.ts";

/** DuckDB's own vector size: one chunk. */
export const BATCH_ROWS = 2_048;

export const STAGE = `temp.main."tutti_stage"`;

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

/**
 * Puts rows into the stage, with DuckDB's appender. `known`: the types of the table's columns, or null where the table is yet to be made.
 * `fixed`: what a row that lacks these keys gets. Gives null when there are no rows.
 *
 * @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`.
 */
export async function stageRows(duckdb: DuckDbModule, connection: DuckDBConnection, table: Identifier, known: ReadonlyMap<string, string> | null, rows: Rows, fixed: Readonly<Record<string, unknown>>, call: Call): Promise<Stage | null> {
  let columns: readonly Column[] | null = null;
  let fill: ((batch: readonly object[]) => void) | null = null;
  let close = (): void => {};
  let count = 0;
  try {
    for await (const batch of batches(rows)) {
      call.signal?.throwIfAborted();
      if (columns === null || fill === null) {
        columns = columnsOf(table, known, batch, fixed);
        await connection.run(`create or replace temp table "tutti_stage" (${columns.map((column) => `${quote(column.name)} ${column.writer.stage}`).join(", ")})`);
        const appender = await connection.createAppender("tutti_stage", "main", "temp");
        close = () => appender.closeSync();
        const types = columns.map((_, at) => appender.columnType(at));
        fill = (of) => {
          const chunk = duckdb.DuckDBDataChunk.create(types, of.length);
          chunk.setColumns(columns!.map((column) => valuesOf(duckdb, column, of, fixed, count)));
          appender.appendDataChunk(chunk);
        };
      }
      refuseNewKeys(table, columns, batch, count);
      fill(batch);
      count += batch.length;
      // Converting is synchronous: the process must hear its host in between.
      await nextTurn();
    }
  } finally {
    close();
  }
  return columns === null ? null : { columns, count };
}

async function* batches(rows: Rows): AsyncIterable<object[]> {
  let batch: object[] = [];
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) if (batch.push(row) === BATCH_ROWS) [yield batch, (batch = [])];
  } else {
    for (const row of rows) if (batch.push(row) === BATCH_ROWS) [yield batch, (batch = [])];
  }
  if (batch.length > 0) yield batch;
}

function columnsOf(table: Identifier, known: ReadonlyMap<string, string> | null, batch: readonly object[], fixed: Readonly<Record<string, unknown>>): Column[] {
  const names = [...new Set([...batch.flatMap((row) => Object.keys(row)), ...Object.keys(fixed)])];
  if (names.length === 0) throw new TuttiError("ROW_REFUSED", `Table ${table.quoted}: its rows have no columns.`);
  return names.map((name) => {
    const type = known === null ? inferColumn(batch.map((row) => cell(row, name, fixed))) : known.get(name.toLowerCase());
    if (type === undefined) throw unknownColumn(table, name, known);
    return { name, type, writer: writerFor(type) };
  });
}

function valuesOf(duckdb: DuckDbModule, column: Column, batch: readonly object[], fixed: Readonly<Record<string, unknown>>, before: number): DuckDBValue[] {
  return batch.map((row, at) => {
    const value = cell(row, column.name, fixed);
    if (value === null || value === undefined) return null;
    try {
      const written = column.writer.write(value);
      return written instanceof Uint8Array ? duckdb.blobValue(written) : written;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new TuttiError("ROW_REFUSED", `Row ${before + at + 1}, column "${column.name}" (${column.type}): ${error.message}`);
    }
  });
}

function refuseNewKeys(table: Identifier, columns: readonly Column[], batch: readonly object[], before: number): void {
  const names = new Set(columns.map((column) => column.name));
  batch.forEach((row, at) => {
    for (const key in row) {
      if (!names.has(key)) throw new TuttiError("ROW_REFUSED", `Row ${before + at + 1} for ${table.quoted} has a column "${key}" that no row among the first ${BATCH_ROWS} has. Give every row the same keys.`);
    }
  });
}

function cell(row: object, name: string, fixed: Readonly<Record<string, unknown>>): unknown {
  const value = (row as Record<string, unknown>)[name];
  return value === undefined && Object.hasOwn(fixed, name) ? fixed[name] : value;
}

function unknownColumn(table: Identifier, name: string, known: ReadonlyMap<string, string> | null): TuttiError {
  return new TuttiError("COLUMN_UNKNOWN", `Table ${table.quoted} has no column "${name}". It has: ${[...(known ?? new Map<string, string>()).keys()].join(", ")}.`);
}
