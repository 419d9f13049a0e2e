import { resolve } from "node:path";
import { connection } from "../../authoring/connection.ts";
import type { Context } from "../../authoring/context.ts";
import { TuttiError } from "../../core/errors.ts";
import type { Replaced, Row, Rows, SqlDriver } from "../sql/driver.ts";
import { schemeOf } from "../sql/drivers.ts";
import { tableIdentifier, type TableName } from "../sql/identifier.ts";
import { SqlHandle } from "../sql/sql-handle.ts";
import type { Sql } from "../sql/sql.ts";
import { statement, type SqlValue } from "../sql/statement.ts";
import type { LoadFilesOptions } from "./load-files.ts";
import { type SnowflakeDriver, snowflakeDriver } from "./snowflake-driver.ts";
import type { Merged, MergeOptions } from "./write-rows.ts";

/** A Snowflake connection: everything that `Sql` has, MERGE, files, and statements that survive us. Column names come in lower case. */
export interface Snowflake extends Sql {
  /**
   * Updates the rows whose key is there and inserts the others, in one statement. Done twice it leaves the same table. Without such a table it is
   * made as by `copyIn`.
   *
   * @example
   * await warehouse.merge("customers", changed, { on: ["customer_id"] });
   * @throws TuttiError `KEY_NOT_NAMED`, `KEY_NOT_UNIQUE` when two rows have the same key; nothing is changed then.
   */
  merge(table: TableName, rows: Rows, options: MergeOptions): Promise<Merged>;

  /**
   * Puts a file of this machine to a stage, compressed, in place of one of that name. A relative path is seen from the project's folder.
   *
   * @example
   * await warehouse.put("out/sales.csv", "@sales_stage/2025-08-12");
   */
  put(file: string, stage: string): Promise<void>;

  /**
   * Loads files of this machine into a table that is there: PUT to a stage of the session and COPY INTO from it. With `where`, the partition is
   * deleted in the same transaction, so a task that runs again leaves the same table.
   *
   * @example
   * await warehouse.loadFiles("daily_sales", ["out/part-0.parquet"], { where: { day: ctx.date } });
   * @throws TuttiError `TABLE_MISSING`.
   */
  loadFiles(table: TableName, files: readonly string[], options?: LoadFilesOptions): Promise<Replaced>;

  /**
   * For statements that take long: they go on in Snowflake while Tutti restarts. The query's id is kept in `ctx.state`, and an attempt that finds one
   * waits for it instead of beginning again. Cancelling the task cancels the query.
   *
   * @example
   * await warehouse.resumable(ctx).execute`create or replace table totals as select day, sum(sales) as sales from lines group by day`;
   */
  resumable(ctx: Context): Pick<Sql, "query" | "execute">;
}

/**
 * Declares the Snowflake connection `name`; like `sql(name)`, and refuses a URL of another scheme.
 *
 * @example
 * const warehouse = snowflake("warehouse"); // TUTTI_CONNECTION_WAREHOUSE=snowflake://etl@account/shop/public?warehouse=load_wh&private_key_file=key.p8
 */
export const snowflake = (name: string): Snowflake => new SnowflakeHandle(connection(name), openSnowflake);

class SnowflakeHandle extends SqlHandle implements Snowflake {
  async merge(table: TableName, rows: Rows, options: MergeOptions): Promise<Merged> {
    return await this.onDriver("merge", [table, rows, options], (driver, call) =>
      of(driver).merge(tableIdentifier(table), rows, options, call),
    );
  }

  async put(file: string, stage: string): Promise<void> {
    if (!/^@[\w~%."$/=-]+$/.test(stage))
      throw new TuttiError("BAD_IDENTIFIER", `"${stage}" is no stage. Write it like "@sales_stage/2025-08-12".`);
    await this.onDriver("put", [file, stage], (driver, call) => of(driver).putFile(resolve(file), stage, call));
  }

  async loadFiles(table: TableName, files: readonly string[], options: LoadFilesOptions = {}): Promise<Replaced> {
    const paths = files.map((file) => resolve(file));
    return await this.onDriver("loadFiles", [table, files, options], (driver, call) =>
      of(driver).loadFiles(tableIdentifier(table), paths, options, call),
    );
  }

  resumable(ctx: Context): Pick<Sql, "query" | "execute"> {
    return {
      query: async <T extends object = Row>(text: TemplateStringsArray, ...values: SqlValue[]): Promise<T[]> =>
        await this.onDriver("query", [text, ...values], async (driver, call) => {
          const { rows } = await of(driver).resumable(statement(text, values), ctx, call);
          return rows as T[];
        }),
      execute: async (text: TemplateStringsArray, ...values: SqlValue[]): Promise<number> =>
        await this.onDriver("execute", [text, ...values], async (driver, call) => {
          const { updated } = await of(driver).resumable(statement(text, values), ctx, call);
          return updated;
        }),
    };
  }
}

const of = (driver: SqlDriver): SnowflakeDriver => driver as SnowflakeDriver;

async function openSnowflake(name: string, url: string): Promise<SqlDriver> {
  const scheme = schemeOf(name, url);
  if (scheme === "snowflake") return await snowflakeDriver(name, url);
  throw new TuttiError(
    "CONNECTION_NOT_AVAILABLE",
    `Connection "${name}" is declared with snowflake("${name}"), and its URL begins with "${scheme}:". Give it a "snowflake:" URL, or declare it with sql("${name}").`,
  );
}
