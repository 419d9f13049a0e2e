import type { ColumnKind } from "../sql/column-kind.ts";
import { isoInstant, jsonText, misfit, Misfit } from "../sql/misfit.ts";

/** How a value of a column is written into a stage file, and how the column reads it from there. */
export interface Writer {
  /** @throws Misfit for what would not arrive as it is. */
  readonly write: (value: unknown) => string;
  /** SQL that makes the column's value of its text. */
  readonly read: (text: string) => string;
}

/** Types of the columns that are made for rows. */
export const COLUMN_TYPES: Readonly<Record<ColumnKind, string>> = {
  boolean: "BOOLEAN",
  number: "FLOAT",
  bigint: "NUMBER(38,0)",
  hugeint: "NUMBER(38,0)",
  date: "DATE",
  text: "TEXT",
  instant: "TIMESTAMP_TZ",
  bytes: "BINARY",
  json: "VARIANT",
};

/** For a column of this type, as `information_schema` spells it, a number with its precision and scale. */
export function writerFor(type: string): Writer {
  const [, name = "", , scale] = /^([A-Z_ ]+)(?:\((\d+),(\d+)\))?/.exec(type) ?? [];
  const cast = (text: string): string => `cast(${text} as ${type})`;
  if (name === "NUMBER") return { write: scale === "0" ? integer : decimal, read: cast };
  if (name === "FLOAT") return { write: double, read: cast };
  if (name === "BOOLEAN") return { write: boolean, read: cast };
  if (name === "DATE") return { write: date, read: cast };
  if (name === "BINARY") return { write: bytes, read: (text) => `to_binary(${text}, 'HEX')` };
  if (["VARIANT", "OBJECT", "ARRAY"].includes(name)) return { write: jsonText, read: (text) => `parse_json(${text})` };
  if (name.startsWith("TIME")) return { write: text, read: cast };
  return { write: text, read: (value) => value };
}

function boolean(value: unknown): string {
  if (typeof value === "boolean") return String(value);
  throw misfit(value, "a boolean");
}

function integer(value: unknown): string {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && /^-?\d+$/.test(value)) return value;
  throw misfit(value, "a whole number");
}

function decimal(value: unknown): string {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) return plain(value);
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return value;
  throw misfit(value, "a number");
}

// 1e-7 is no number to a cast of text with a scale.
const plain = (value: number | bigint): string =>
  typeof value === "number" && /e/.test(String(value)) ? value.toFixed(20).replace(/0+$/, "") : String(value);

function double(value: unknown): string {
  if (typeof value === "number" || (typeof value === "bigint" && BigInt(Number(value)) === value))
    return String(value).replace("Infinity", "inf");
  throw misfit(value, "a number");
}

function date(value: unknown): string {
  return value instanceof Date ? isoInstant(value).slice(0, 10) : text(value);
}

function bytes(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw misfit(value, "a Uint8Array");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
}

function text(value: unknown): string {
  if (typeof value === "string") {
    if (value.includes("\0")) throw new Misfit("a text with a zero byte does not fit.");
    return value;
  }
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return isoInstant(value);
  throw misfit(value, "text");
}
