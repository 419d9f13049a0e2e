export { type CopyOptions, type Replaced, type ReplaceOptions, type Row, type Rows } from "../sql/driver.ts";
export { ConnectionFailed, ConnectionLost, SqlFailed } from "../sql/sql-errors.ts";
export { DriverMissing } from "../optional-package.ts";
export { type Bytes, type CopyFormat } from "./copy-bytes.ts";
export { type OnNotifyOptions } from "./on-notify.ts";
export { type Heard } from "./listen.ts";
export {
  postgres,
  type CopyBytesOptions,
  type ListenOptions,
  type Postgres,
  type PostgresSession,
  type TransactionOptions,
} from "./postgres.ts";
