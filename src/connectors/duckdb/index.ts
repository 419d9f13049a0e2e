export { DriverMissing } from "../optional-package.ts";
export { type CopyOptions, type Replaced, type ReplaceOptions, type Row, type Rows } from "../sql/driver.ts";
export { ConnectionFailed, SqlFailed } from "../sql/sql-errors.ts";
export { duckdb, type DuckDb, type WriteFileOptions } from "./duckdb.ts";
