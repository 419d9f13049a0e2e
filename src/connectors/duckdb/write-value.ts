import { isoInstant, jsonText, misfit } from "../sql/misfit.ts";

/** The types that rows are staged in: each takes a primitive as it is. The cast to the table's own type is DuckDB's, in the insert. */
export type StageType = "BOOLEAN" | "BIGINT" | "HUGEINT" | "DOUBLE" | "VARCHAR" | "BLOB";

export interface Writer {
  readonly stage: StageType;
  /** The expression that gives the column its type back, of a quoted name. */
  cast(column: string): string;
  /** What is staged for a value that is not null. Throws a `Misfit` for one that would not arrive as it is. */
  write(value: unknown): boolean | bigint | number | string | Uint8Array;
}

const INTEGER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const NEEDS_128_BITS = /^(UBIGINT|U?HUGEINT)$/;
const NESTED = /(\[\d*\]$|^(STRUCT|MAP|UNION)\()/;

/** How values get into a column of this type, as DuckDB's `describe` writes it. */
export function writerFor(type: string): Writer {
  const cast = (column: string): string => `cast(${column} as ${type})`;
  if (type === "BOOLEAN") return { stage: "BOOLEAN", cast, write: boolean };
  if (NEEDS_128_BITS.test(type)) return { stage: "HUGEINT", cast, write: integer };
  if (INTEGER.test(type)) return { stage: "BIGINT", cast, write: integer64 };
  if (type === "DOUBLE" || type === "FLOAT") return { stage: "DOUBLE", cast, write: double };
  if (type === "BLOB") return { stage: "BLOB", cast, write: bytes };
  if (type === "JSON") return { stage: "VARCHAR", cast, write: jsonText };
  if (NESTED.test(type))
    return { stage: "VARCHAR", cast: (column) => `cast(cast(${column} as JSON) as ${type})`, write: jsonText };
  if (type === "DATE")
    return {
      stage: "VARCHAR",
      cast,
      write: (value) => (value instanceof Date ? isoInstant(value).slice(0, 10) : text(value)),
    };
  return { stage: "VARCHAR", cast, write: (value) => (value instanceof Date ? isoInstant(value) : text(value)) };
}

function boolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw misfit(value, "a boolean");
}

function integer(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  // DuckDB itself would round 1.5 to 2 without a word.
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw misfit(value, "a whole number");
}

function integer64(value: unknown): bigint {
  const whole = integer(value);
  if (BigInt.asIntN(64, whole) !== whole) throw misfit(value, "a whole number of 64 bits");
  return whole;
}

function double(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" && BigInt(Number(value)) === value) return Number(value);
  throw misfit(value, "a number");
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw misfit(value, "a Uint8Array");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  throw misfit(value, "text");
}
