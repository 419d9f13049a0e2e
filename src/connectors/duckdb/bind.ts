import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { jsonText } from "../sql/misfit.ts";
import type { DuckDbModule } from "./module.ts";

/** A JavaScript value as DuckDB binds it, with the type where the value alone does not say it. */
export function bind(duckdb: DuckDbModule, value: unknown): [DuckDBValue, DuckDBType?] {
  if (value === null || value === undefined) return [null];
  if (typeof value === "number") return number(duckdb, value);
  if (typeof value === "bigint") return [value, BigInt.asIntN(64, value) === value ? duckdb.BIGINT : duckdb.HUGEINT];
  if (typeof value !== "object") return [value as DuckDBValue];
  if (value instanceof Date) return [new duckdb.DuckDBTimestampTZValue(BigInt(value.getTime()) * 1000n)];
  if (value instanceof Uint8Array) return [duckdb.blobValue(value)];
  if (Array.isArray(value)) return list(duckdb, value);
  return [jsonText(value)];
}

// The narrowest integer type: `date + $1` takes an INTEGER and no BIGINT.
function number(duckdb: DuckDbModule, value: number): [DuckDBValue, DuckDBType] {
  if (!Number.isSafeInteger(value)) return [value, duckdb.DOUBLE];
  return value === (value | 0) ? [value, duckdb.INTEGER] : [BigInt(value), duckdb.BIGINT];
}

/** A list has one type: that of its items, or text where they differ. */
function list(duckdb: DuckDbModule, values: readonly unknown[]): [DuckDBValue, DuckDBType] {
  const present = values.filter((value) => value !== null && value !== undefined);
  const listOf = (type: DuckDBType, write: (value: never) => DuckDBValue): [DuckDBValue, DuckDBType] => [
    duckdb.listValue(values.map((value) => (value === null || value === undefined ? null : write(value as never)))),
    duckdb.LIST(type),
  ];
  const all = (is: (value: unknown) => boolean): boolean => present.length > 0 && present.every(is);
  if (all((value) => typeof value === "boolean")) return listOf(duckdb.BOOLEAN, (value) => value);
  if (all((value) => typeof value === "bigint" || Number.isSafeInteger(value)))
    return listOf(duckdb.HUGEINT, (value: number) => BigInt(value));
  if (all((value) => typeof value === "number")) return listOf(duckdb.DOUBLE, (value) => value);
  if (all((value) => value instanceof Date)) return listOf(duckdb.TIMESTAMPTZ, (value) => bind(duckdb, value)[0]);
  return listOf(duckdb.VARCHAR, (value: unknown) => (typeof value === "string" ? value : jsonText(value)));
}
