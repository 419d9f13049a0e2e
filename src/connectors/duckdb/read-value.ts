import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { Row } from "../sql/driver.ts";
import type { DuckDbModule } from "./module.ts";

type Read = (value: DuckDBValue) => unknown;
// What each branch below may assume of a value is what DuckDB says of its type, which the types of its values can't.
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

/** How a column's values become what a TypeScript user expects; the table stands in the docstring of `Sql`. */
export function reader(duckdb: DuckDbModule, type: DuckDBType): Read {
  const read = readNonNull(duckdb, type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function readNonNull(duckdb: DuckDbModule, type: DuckDBType): (value: Loose) => unknown {
  const { DuckDBTypeId: Id } = duckdb;
  if (type.alias === "JSON") return (value) => JSON.parse(value);
  switch (type.typeId) {
    case Id.BIGINT:
    case Id.UBIGINT:
    case Id.HUGEINT:
    case Id.UHUGEINT:
    case Id.BIGNUM:
      return exactInteger;
    case Id.DECIMAL:
      return (value) => (fitsDouble(value.value) ? Number(value.toString()) : value.toString());
    case Id.DATE:
    case Id.TIME:
    case Id.TIME_NS:
    case Id.TIME_TZ:
    case Id.INTERVAL:
    case Id.UUID:
    case Id.BIT:
      return String;
    case Id.TIMESTAMP:
    case Id.TIMESTAMP_TZ:
      return (value) => instant(value, value.micros, 1000n);
    case Id.TIMESTAMP_NS:
      return (value) => instant(value, value.nanos, 1_000_000n);
    case Id.TIMESTAMP_MS:
      return (value) => instant(value, value.millis, 1n);
    case Id.TIMESTAMP_S:
      return (value) => instant(value, value.seconds * 1000n, 1n);
    case Id.BLOB:
    case Id.GEOMETRY:
      // A copy: it comes as a Buffer, which may share its memory.
      return (value) => new Uint8Array(value.bytes);
    case Id.LIST:
    case Id.ARRAY: {
      const item = reader(duckdb, (type as Loose).valueType);
      return (value) => value.items.map(item);
    }
    case Id.STRUCT:
      return (value) =>
        Object.fromEntries(
          Object.entries<Loose>(value.entries).map(([name, field]) => [
            name,
            reader(duckdb, (type as Loose).typeForEntry(name))(field),
          ]),
        );
    case Id.MAP: {
      const [key, item] = [reader(duckdb, (type as Loose).keyType), reader(duckdb, (type as Loose).valueType)];
      return (value) => new Map(value.entries.map((entry: Loose) => [key(entry.key), item(entry.value)]));
    }
    case Id.UNION:
      return (value) => reader(duckdb, (type as Loose).memberTypeForTag(value.tag))(value.value);
    case Id.VARIANT:
      return (value) => duckdb.JSDuckDBValueConverter(value, type, duckdb.JSDuckDBValueConverter);
    default:
      return (value) => value;
  }
}

/** The rows of one chunk as objects, column by column. */
export function rowsOf(chunk: DuckDBDataChunk, names: readonly string[], readers: readonly Read[]): Row[] {
  const rows: Row[] = Array.from({ length: chunk.rowCount }, () => ({}));
  names.forEach((name, column) => {
    const read = readers[column]!;
    chunk.getColumnValues(column).forEach((value, row) => {
      rows[row]![name] = read(value);
    });
  });
  return rows;
}

/** `count(*)` and sums of integers are numbers, as everywhere in TypeScript; what would be rounded stays exact. */
const exactInteger = (value: bigint): number | bigint => (isSafe(value) ? Number(value) : value);
// Up to 15 digits a double prints as the decimal that it was read from.
const fitsDouble = (digits: bigint): boolean => digits < 10n ** 15n && digits > -(10n ** 15n);
const isSafe = (value: bigint): boolean =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);

function instant(value: unknown, units: bigint, unitsPerMs: bigint): Date | string {
  // Rounded down, so that an instant before 1970 stays in its millisecond too.
  const date = new Date(Number((units - (((units % unitsPerMs) + unitsPerMs) % unitsPerMs)) / unitsPerMs));
  // `infinity`, and years that a Date does not reach.
  return Number.isNaN(date.getTime()) ? String(value) : date;
}
