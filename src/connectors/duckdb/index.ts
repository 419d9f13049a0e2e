export { type CopyOptions, type Replaced, type ReplaceOptions, type Row, type Rows } from "../sql/driver.ts";
export { ConnectionFailed, DriverMissing, SqlFailed } from "../sql/sql-errors.ts";
export { duckdb, type DuckDb } from "./duckdb.ts";
