import { connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";
import type { CopyOptions, Rows, SqlDriver } from "../sql/driver.ts";
import { schemeOf } from "../sql/drivers.ts";
import { SqlHandle } from "../sql/sql-handle.ts";
import type { Sql } from "../sql/sql.ts";
import { type DuckDbDriver, duckdbDriver } from "./duckdb-driver.ts";
import type { FileFormat } from "./write-file.ts";

export type WriteFileOptions = Pick<CopyOptions, "onProgress">;

/** A DuckDB connection: everything that `Sql` has, and files. A relative path is seen from the working directory, which in a task is the project's folder. */
export interface DuckDb extends Sql {
  /**
   * The rows of one or more Parquet files or globs. Inside a statement, name them there: `select … from read_parquet(${file})`.
   *
   * @example
   * for await (const sale of lake.readParquet<Sale>("sales/2025-*.parquet")) total += sale.amount;
   */
  readParquet<T extends object>(files: string | readonly string[]): AsyncIterable<T>;
  /** The rows of CSV files, whose columns and types DuckDB finds out. */
  readCsv<T extends object>(files: string | readonly string[]): AsyncIterable<T>;
  /** The rows of JSON files: a list of objects, or one object a line. */
  readJson<T extends object>(files: string | readonly string[]): AsyncIterable<T>;
  /**
   * Writes rows to a Parquet file and says how many; an existing file is replaced. Columns are made as by `copyIn`, which this has no table for.
   * What stands in the database goes to a file without coming here: `lake.execute`copy (select …) to ${file} (format parquet)``.
   */
  writeParquet(file: string, rows: Rows, options?: WriteFileOptions): Promise<number>;
  /** The same as CSV with a header. */
  writeCsv(file: string, rows: Rows, options?: WriteFileOptions): Promise<number>;
  /** The same as one JSON object a line. */
  writeJson(file: string, rows: Rows, options?: WriteFileOptions): Promise<number>;
}

/**
 * Declares the DuckDB connection `name`; like `sql(name)`, and refuses a URL of another scheme.
 *
 * @example
 * const lake = duckdb("lake"); // TUTTI_CONNECTION_LAKE=duckdb:./lake.db
 */
export const duckdb = (name: string): DuckDb => new DuckDbHandle(connection(name), openDuckDb);

class DuckDbHandle extends SqlHandle implements DuckDb {
  async *readParquet<T extends object>(files: string | readonly string[]): AsyncIterable<T> {
    yield* await this.#read<T>("readParquet", "read_parquet", files);
  }

  async *readCsv<T extends object>(files: string | readonly string[]): AsyncIterable<T> {
    yield* await this.#read<T>("readCsv", "read_csv", files);
  }

  async *readJson<T extends object>(files: string | readonly string[]): AsyncIterable<T> {
    yield* await this.#read<T>("readJson", "read_json", files);
  }

  async writeParquet(file: string, rows: Rows, options: WriteFileOptions = {}): Promise<number> {
    return await this.#write("writeParquet", "parquet", file, rows, options);
  }

  async writeCsv(file: string, rows: Rows, options: WriteFileOptions = {}): Promise<number> {
    return await this.#write("writeCsv", "csv", file, rows, options);
  }

  async writeJson(file: string, rows: Rows, options: WriteFileOptions = {}): Promise<number> {
    return await this.#write("writeJson", "json", file, rows, options);
  }

  async #read<T>(method: string, source: string, files: string | readonly string[]): Promise<AsyncIterable<T>> {
    const parts = [`select * from ${source}(`, ")"];
    const statement = { text: parts.join("$1"), values: [files], parts };
    return await this.onDriver(method, [files], (driver, call) => driver.rows(statement, call) as AsyncIterable<T>);
  }

  async #write(
    method: string,
    format: FileFormat,
    file: string,
    rows: Rows,
    options: WriteFileOptions,
  ): Promise<number> {
    return await this.onDriver(method, [file, rows, options], (driver, call) =>
      (driver as DuckDbDriver).writeFile(file, format, rows, options, call),
    );
  }
}

async function openDuckDb(name: string, url: string): Promise<SqlDriver> {
  const scheme = schemeOf(name, url);
  if (scheme === "duckdb") return await duckdbDriver(name, url);
  throw new TuttiError(
    "CONNECTION_NOT_AVAILABLE",
    `Connection "${name}" is declared with duckdb("${name}"), and its URL begins with "${scheme}:". Give it a "duckdb:" URL, or declare it with sql("${name}").`,
  );
}
