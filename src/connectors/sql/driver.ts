import type { Identifier } from "./identifier.ts";
import type { Statement } from "./statement.ts";

export type Row = Record<string, unknown>;
/** Rows to be written: a list, a generator, another connection's `rows`. */
export type Rows = Iterable<object> | AsyncIterable<object>;

export interface CopyOptions {
  /** Makes the table from the shape of the first rows when there is none. Default: true. */
  readonly create?: boolean;
}

export interface ReplaceOptions extends CopyOptions {
  /** The partition: columns and their value in it. At least one, or everything would be replaced. */
  readonly where: Readonly<Record<string, string | number | bigint | boolean | Date | null>>;
}

/** Numbers of rows. */
export interface Replaced {
  readonly deleted: number;
  readonly inserted: number;
}

/** Whose work it is and when it stops. */
export interface Call {
  readonly connection: string;
  readonly signal: AbortSignal | null;
}

/** What stands behind `sql(name)` for one kind of database. A driver owns how and how long it holds a connection. */
export interface SqlDriver {
  query(statement: Statement, call: Call): Promise<Row[]>;
  rows(statement: Statement, call: Call): AsyncIterable<Row>;
  /** Number of rows that it changed. */
  execute(statement: Statement, call: Call): Promise<number>;
  copyIn(table: Identifier, rows: Rows, options: CopyOptions, call: Call): Promise<number>;
  replace(table: Identifier, rows: Rows, options: ReplaceOptions, call: Call): Promise<Replaced>;
}
