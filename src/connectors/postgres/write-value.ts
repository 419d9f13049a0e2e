import { isoInstant, jsonText, misfit, Misfit } from "../sql/misfit.ts";
import { arrayText, byteaText } from "./bind.ts";

/** How a value of a column is written for COPY, before escaping. @throws Misfit for one that would not arrive as it is. */
export type Write = (value: unknown) => string;

/** For a column of this type, as PostgreSQL's `format_type` spells it. */
export function writerFor(type: string): Write {
  if (type.endsWith("[]")) {
    const item = writerFor(type.slice(0, -2));
    return (value) => {
      if (!Array.isArray(value)) throw misfit(value, "a list");
      return arrayText(value, item);
    };
  }
  const name = type.replace(/\(.*?\)/, "");
  return WRITERS[name] ?? text;
}

const WRITERS: Readonly<Record<string, Write>> = {
  boolean,
  smallint: integer,
  integer,
  bigint: integer,
  real: double,
  "double precision": double,
  numeric: (value) => {
    if (typeof value === "boolean") throw misfit(value, "a number");
    return text(value);
  },
  bytea: (value) => {
    if (!(value instanceof Uint8Array)) throw misfit(value, "a Uint8Array");
    return byteaText(value);
  },
  json: jsonText,
  jsonb: jsonText,
  date: (value) => (value instanceof Date ? isoInstant(value).slice(0, 10) : text(value)),
};

function boolean(value: unknown): string {
  if (typeof value === "boolean") return value ? "t" : "f";
  throw misfit(value, "a boolean");
}

function integer(value: unknown): string {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return String(value);
  throw misfit(value, "a whole number");
}

function double(value: unknown): string {
  if (typeof value === "number" || (typeof value === "bigint" && BigInt(Number(value)) === value)) return String(value);
  throw misfit(value, "a number");
}

function text(value: unknown): string {
  if (typeof value === "string") {
    if (value.includes("\0")) throw new Misfit("a text with a zero byte does not fit; PostgreSQL can't hold one.");
    return value;
  }
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return isoInstant(value);
  throw misfit(value, "text");
}
