import type { Column } from "snowflake-sdk";

type Read = (value: unknown) => unknown;

/** How a column's values become what a TypeScript user expects; the table stands in the docstring of `Sql`. */
export function reader(column: Column): Read {
  const read = readNonNull(column);
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** Names that Snowflake keeps in upper case are written in lower case everywhere else. */
export const readName = (column: Column): string => column.getName().toLowerCase();

/** What is to come as text, because the driver would round it or read it in its own way. */
export const AS_TEXT = ["Number", "JSON"] as const;

function readNonNull(column: Column): Read {
  if (column.isBoolean()) return (value) => value;
  if (column.isNumber()) return column.getType().toLowerCase() === "real" ? Number : exact;
  if (column.isDate()) return (value) => iso(value).slice(0, 10);
  if (column.isTimestamp()) return (value) => new Date(iso(value));
  if (column.isBinary()) return (value) => new Uint8Array(value as Uint8Array);
  if (column.isVariant() || column.isObject() || column.isArray() || column.isMap())
    return (value) => json(String(value));
  return String;
}

/** Whole numbers as a number while that is exact, else as a bigint; decimals as a number up to 15 digits, else as text. */
function exact(value: unknown): number | bigint | string {
  const text = String(value);
  if (!text.includes(".")) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  return text.replace(/^-?0*\.?0*/, "").replace(".", "").length <= 15 ? Number(text) : text;
}

// The driver's dates print themselves in the session's format; the instant behind is a Date's.
const iso = (value: unknown): string => new Date((value as Date).getTime()).toISOString();

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Of an array with a missing element, which JSON has no word for: `[undefined]`.
    return text;
  }
}
