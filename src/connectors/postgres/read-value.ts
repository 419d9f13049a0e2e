import type { CustomTypesConfig } from "pg";
import type { PgModule } from "./modules.ts";

type Read = (text: string) => unknown;

/** What comes back as something else than its text, by the type's name in `pg`. The table stands in the docs. */
const READERS = {
  BOOL: (text) => text === "t",
  INT2: Number,
  INT4: Number,
  INT8: exactInteger,
  OID: Number,
  FLOAT4: Number,
  FLOAT8: Number,
  NUMERIC: (text) => (digitsOf(text) <= 15 ? Number(text) : text),
  TIMESTAMP: (text) => instant(text, "Z"),
  TIMESTAMPTZ: (text) => instant(text, ""),
  BYTEA: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")),
  JSON: (text) => JSON.parse(text) as unknown,
  JSONB: (text) => JSON.parse(text) as unknown,
} as const satisfies Record<string, Read>;

/** Lists of built-in types: the array's id and its element's. What is not here comes as text, `{a,b}`. */
const ARRAYS = {
  1000: "BOOL",
  1005: "INT2",
  1007: "INT4",
  1016: "INT8",
  1021: "FLOAT4",
  1022: "FLOAT8",
  1231: "NUMERIC",
  1115: "TIMESTAMP",
  1185: "TIMESTAMPTZ",
  1001: "BYTEA",
  199: "JSON",
  3807: "JSONB",
  // text, varchar, char, name, date, time, interval, uuid
  1009: null,
  1015: null,
  1014: null,
  1003: null,
  1182: null,
  1183: null,
  1187: null,
  2951: null,
} as const satisfies Record<number, keyof typeof READERS | null>;

const asText: Read = (text) => text;

/** For a client of `pg`: how the values of each type are read. */
export function readers(pg: PgModule): CustomTypesConfig {
  const byId = new Map<number, Read>();
  for (const [name, read] of Object.entries<Read>(READERS))
    byId.set(pg.types.builtins[name as keyof typeof READERS], read);
  for (const [id, element] of Object.entries(ARRAYS)) {
    const read: Read = element === null ? asText : READERS[element];
    byId.set(Number(id), (text) => arrayParserOf(pg).create(text, read).parse());
  }
  return { getTypeParser: ((id: number) => byId.get(id) ?? asText) as CustomTypesConfig["getTypeParser"] };
}

interface ArrayParser {
  create(text: string, read: Read): { parse(): unknown };
}
// Its types leave it out.
const arrayParserOf = (pg: PgModule): ArrayParser =>
  (pg.types as unknown as { readonly arrayParser: ArrayParser }).arrayParser;

/** `count(*)` is a number, as everywhere in TypeScript; what would be rounded stays exact. */
function exactInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

// Up to 15 digits a double prints as the decimal that it was read from. Zeros at either end are none: 1.00::numeric / 3 has twenty.
const digitsOf = (text: string): number =>
  (text.includes(".") ? text.replace(/0+$/, "") : text).replace(/^-?0*\.?0*/, "").replace(".", "").length;

function instant(text: string, zone: string): Date | string {
  // `2025-08-12 10:00:00.123456+00`; a zone of whole hours has no minutes.
  const date = new Date(`${text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")}${zone}`);
  // `infinity`, years that a Date does not reach, and those before Christ.
  return Number.isNaN(date.getTime()) ? text : date;
}
