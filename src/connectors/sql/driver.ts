import type { Identifier } from "./identifier.ts";
import type { Statement } from "./statement.ts";

export type Row = Record<string, unknown>;
/** Rows to be written: a list, a generator, another connection's `rows`. */
export type Rows = Iterable<object> | AsyncIterable<object>;

export interface CopyOptions {
  /** Makes the table from the shape of the first rows when there is none. Default: true. */
  readonly create?: boolean;
  /** Is told from time to time how many rows have gone out. Default: nobody is. */
  readonly onProgress?: (rows: number) => void;
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
  /** The connection's name, for messages. Never its URL. */
  readonly connection: string;
  readonly signal: AbortSignal | null;
}

/**
 * What stands behind `sql(name)` for one kind of database: a class in its own folder, and a line in `drivers.ts`. It owns how, and for how long,
 * it holds a connection to the server. `driver-suite.test-data.ts` is the same promise as a suite, to be run against the real system.
 *
 * **Every call.** `statement.values` are bound, never written into the text; `statement.parts` is for databases whose placeholders are not `$1`.
 * One statement a call: a text that holds several is `SQL_SEVERAL_STATEMENTS`. `call.signal` aborting stops the work *on the server* and rejects
 * with the signal's reason. What the database refuses is `SqlFailed`; a server that can't be reached or a password that is wrong is
 * `ConnectionFailed`; neither shows a value or the URL. Only what certainly had no effect is tried again inside: connecting is, a statement is not.
 *
 * **Values that come back** are those of the docstring of `Sql`: whole numbers `number` while safe, else `bigint`; decimals `number` up to 15
 * digits, else text; dates as text; instants as `Date`, a zoneless one read as UTC; JSON parsed; bytes as `Uint8Array`; SQL's null as `null`.
 *
 * **Rows that go in** are taken by `rowBatches`, their columns follow from `RowShape`, their types in a table that is made from `columnKind`. A key
 * that a row lacks is null. What would not arrive as it is, is refused: `rowRefused` with row and column, `columnUnknown`, `tableMissing`.
 */
export interface SqlDriver {
  /** All rows. */
  query(statement: Statement, call: Call): Promise<Row[]>;
  /** Row by row in bounded memory. Leaving the loop ends the statement on the server and gives the connection back. */
  rows(statement: Statement, call: Call): AsyncIterable<Row>;
  /** Number of rows that it changed; 0 where the database does not say. */
  execute(statement: Statement, call: Call): Promise<number>;
  /** Appends all rows or none, in bounded memory, and says how many. */
  copyIn(table: Identifier, rows: Rows, options: CopyOptions, call: Call): Promise<number>;
  /**
   * Deletes the partition and inserts the rows, in one transaction: done twice it leaves the same table, and two at once leave the rows of one of them.
   * A row that lacks a column of `where` gets it; one that has another value there is `rowsOutsidePartition`, and nothing changes. No rows empty the partition.
   */
  replace(table: Identifier, rows: Rows, options: ReplaceOptions, call: Call): Promise<Replaced>;
}
