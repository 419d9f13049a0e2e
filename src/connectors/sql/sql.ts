import { connection } from "../../authoring/connection.ts";
import type { CopyOptions, Replaced, ReplaceOptions, Row, Rows } from "./driver.ts";
import { Identifier, type TableName } from "./identifier.ts";
import { SqlHandle } from "./sql-handle.ts";
import type { SqlValue } from "./statement.ts";

/**
 * A SQL connection by name. Made at module level, it declares the connection; the configuration says which database it is.
 *
 * What comes back: integers of any width as `number` while they are safe integers, else `bigint`; `decimal` as `number` while its
 * digits fit (15), else text; `date` as `"2025-08-12"`; timestamps as `Date` (a zoneless one read as UTC); `time`, `interval`, `uuid` as text;
 * `blob` as `Uint8Array`; lists, structs and JSON as arrays and objects; `map` as `Map`.
 */
export interface Sql {
  readonly name: string;

  /**
   * All rows of a statement. `${}` always binds a value; `sql.identifier` names a column or table.
   *
   * @example
   * const rows = await orders.query<Sale>`select * from sales where region = ${region} and sold_on = ${ctx.date}`;
   * @throws SqlFailed `SQL_FAILED` with the statement's text, without its values. ConnectionFailed `CONNECTION_FAILED`. DriverMissing `DRIVER_MISSING`.
   */
  query<T extends object = Row>(text: TemplateStringsArray, ...values: SqlValue[]): Promise<T[]>;

  /**
   * The rows of a statement one by one, for results larger than memory. Leaving the loop ends the statement.
   *
   * @example
   * for await (const sale of orders.rows<Sale>`select * from sales`) total += sale.amount;
   */
  rows<T extends object = Row>(text: TemplateStringsArray, ...values: SqlValue[]): AsyncIterable<T>;

  /**
   * Runs one statement for its effect and says how many rows it changed.
   *
   * @example
   * await warehouse.execute`create table if not exists daily_sales (day date, region text, sales decimal(18, 4))`;
   */
  execute(text: TemplateStringsArray, ...values: SqlValue[]): Promise<number>;

  /**
   * Appends rows, all of them or none, and says how many. Keys are column names; a key that a row lacks is null.
   * Without such a table it is made from the first rows (2,048): `number` becomes `double`, `bigint` `bigint`, `Date` `timestamptz`, an object `json`.
   *
   * @throws TuttiError `ROW_REFUSED` names the row and column that do not fit.
   */
  copyIn(table: TableName, rows: Rows, options?: CopyOptions): Promise<number>;

  /**
   * Replaces one partition: deletes what `where` selects and inserts the rows, in one transaction, so a task that runs again leaves the same table.
   * A row that lacks a column of `where` gets it. Without such a table it is made as by `copyIn`; no rows leave the partition empty.
   *
   * @example
   * await warehouse.replace("daily_sales", summary, { where: { day: ctx.date } });
   * @throws TuttiError `ROWS_OUTSIDE_PARTITION` when a row does not belong to the partition; nothing is changed then.
   */
  replace(table: TableName, rows: Rows, options: ReplaceOptions): Promise<Replaced>;

  /**
   * The same connection, whose statements stop when this signal aborts, instead of that of the task that sends them.
   *
   * @example
   * const rows = await orders.with({ signal: AbortSignal.timeout(5_000) }).query`select …`;
   */
  with(options: { readonly signal: AbortSignal }): this;
}

/**
 * Declares the SQL connection `name`. Its URL comes from `TUTTI_CONNECTION_<NAME>` or `connections` in `tutti.config.ts`, and the URL's scheme chooses
 * the driver: `duckdb:./orders.db`, `duckdb::memory:`, `postgres://user:password@host:5432/shop`.
 *
 * @example
 * const orders = sql("orders");
 */
export const sql: { (name: string): Sql; identifier(...parts: string[]): Identifier } = Object.assign(
  (name: string): Sql => new SqlHandle(connection(name)),
  {
    /** A name that is written into a statement, quoted: `sql.identifier("analytics", "daily sales")`. */
    identifier: (...parts: string[]): Identifier => new Identifier(parts),
  },
);
