export { type CopyOptions, type Replaced, type ReplaceOptions, type Row, type Rows } from "../sql/driver.ts";
export { ConnectionFailed, SqlFailed } from "../sql/sql-errors.ts";
export { DriverMissing } from "../optional-package.ts";
export { type LoadFilesOptions } from "./load-files.ts";
export { snowflake, type Snowflake } from "./snowflake.ts";
export { type Merged, type MergeOptions } from "./write-rows.ts";
