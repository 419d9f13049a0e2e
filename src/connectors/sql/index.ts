export { DriverMissing } from "../optional-package.ts";
export { type CopyOptions, type Replaced, type ReplaceOptions, type Row, type Rows } from "./driver.ts";
export { Identifier, type TableName } from "./identifier.ts";
export { ConnectionFailed, ConnectionLost, SqlFailed } from "./sql-errors.ts";
export { sql, type Sql } from "./sql.ts";
export { type SqlValue } from "./statement.ts";
