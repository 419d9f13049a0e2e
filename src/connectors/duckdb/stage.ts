import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ColumnKind, columnKind } from "../sql/column-kind.ts";
import type { Call, CopyOptions, Rows } from "../sql/driver.ts";
import { quote } from "../sql/identifier.ts";
import { Misfit } from "../sql/misfit.ts";
import { rowBatches } from "../sql/row-batches.ts";
import { RowShape, type WriteTarget } from "../sql/row-shape.ts";
import { rowRefused } from "../sql/write-errors.ts";
import type { DuckDbModule } from "./module.ts";
import { writerFor, type Writer } from "./write-value.ts";

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

const COLUMN = {
  boolean: "BOOLEAN",
  number: "DOUBLE",
  bigint: "BIGINT",
  hugeint: "HUGEINT",
  date: "DATE",
  text: "VARCHAR",
  instant: "TIMESTAMP WITH TIME ZONE",
  bytes: "BLOB",
  json: "JSON",
} as const satisfies Record<ColumnKind, string>;

/**
 * Puts rows into the stage, with DuckDB's appender. Gives null when there are no rows.
 *
 * @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`.
 */
export async function stageRows(
  duckdb: DuckDbModule,
  connection: DuckDBConnection,
  target: WriteTarget,
  rows: Rows,
  call: Call,
  onProgress: CopyOptions["onProgress"] = () => {},
): Promise<Stage | null> {
  let writer: StageWriter | null = null;
  try {
    for await (const batch of rowBatches(rows)) {
      call.signal?.throwIfAborted();
      writer ??= await StageWriter.create(duckdb, connection, target, batch);
      writer.write(batch);
      onProgress(writer.count);
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
  readonly #shape: RowShape;

  private constructor(duckdb: DuckDbModule, appender: DuckDBAppender, columns: readonly Column[], shape: RowShape) {
    this.#duckdb = duckdb;
    this.#appender = appender;
    this.columns = columns;
    this.#types = columns.map((_, at) => appender.columnType(at));
    this.#shape = shape;
  }

  static async create(
    duckdb: DuckDbModule,
    connection: DuckDBConnection,
    target: WriteTarget,
    first: readonly object[],
  ): Promise<StageWriter> {
    // DuckDB compares names without case; `known` is by the lower one.
    const shape = new RowShape({ ...target, nameOf: (key) => key.toLowerCase() }, first);
    const columns = shape.columns.map(({ name, type: known }) => {
      const type = known ?? COLUMN[columnKind(first.map((row) => shape.cell(row, name)))];
      return { name, type, writer: writerFor(type) };
    });
    await connection.run(
      `create or replace temp table tutti_stage (${columns.map((column) => `${quote(column.name)} ${column.writer.stage}`).join(", ")})`,
    );
    return new StageWriter(duckdb, await connection.createAppender("tutti_stage", "main", "temp"), columns, shape);
  }

  write(batch: readonly object[]): void {
    this.#shape.refuseNewKeys(batch, this.count);
    const chunk = this.#duckdb.DuckDBDataChunk.create(this.#types);
    chunk.setColumns(this.columns.map((column) => batch.map((row, at) => this.#value(column, row, at))));
    this.#appender.appendDataChunk(chunk);
    this.count += batch.length;
  }

  close(): void {
    this.#appender.closeSync();
  }

  #value(column: Column, row: object, at: number): DuckDBValue {
    const value = this.#shape.cell(row, column.name);
    if (value === null || value === undefined) return null;
    try {
      const written = column.writer.write(value);
      return written instanceof Uint8Array ? this.#duckdb.blobValue(written) : written;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw rowRefused(this.count + at + 1, column.name, column.type, error.message);
    }
  }
}
