const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What a column holds, by the JavaScript values that go into it. Each driver has a table from these to its types. `hugeint`: whole, past 64 bits. */
export type ColumnKind = "boolean" | "number" | "bigint" | "hugeint" | "date" | "text" | "instant" | "bytes" | "json";

/** The kind of a column that is made for these values. A JavaScript number is a double even where the first ones are whole: the next may not be. */
export function columnKind(values: readonly unknown[]): ColumnKind {
  const kinds = new Set(values.filter((value) => value !== null && value !== undefined).map(kindOf));
  if (kinds.size === 0) return "text";
  if (kinds.has("json")) return "json";
  if (kinds.size === 1) return [...kinds][0]!;
  if ([...kinds].every((kind) => kind === "bigint" || kind === "hugeint")) return "hugeint";
  // Whole numbers come back from a database as a number or, where that would round, as a bigint.
  if (
    [...kinds].every((kind) => kind === "number" || kind === "bigint" || kind === "hugeint") &&
    values.every((value) => typeof value !== "number" || Number.isSafeInteger(value))
  )
    return "hugeint";
  return "text";
}

function kindOf(value: unknown): ColumnKind {
  if (typeof value === "boolean" || typeof value === "number") return typeof value as "boolean" | "number";
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? "bigint" : "hugeint";
  // Lossless, as such a column is read back as the same text.
  if (typeof value === "string") return CALENDAR_DATE.test(value) && !Number.isNaN(Date.parse(value)) ? "date" : "text";
  if (value instanceof Date) return "instant";
  return value instanceof Uint8Array ? "bytes" : "json";
}
