const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The type of a column that is made for these values. A JavaScript number is a double even where the first ones are whole: the next may not be. */
export function inferColumn(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((value) => value !== null && value !== undefined).map(kindOf));
  if (kinds.size === 0) return "VARCHAR";
  if (kinds.has("json")) return "JSON";
  if (kinds.size === 1) return COLUMN[[...kinds][0]!];
  if ([...kinds].every((kind) => kind === "bigint" || kind === "hugeint")) return "HUGEINT";
  // Whole numbers come back from a database as a number or, where that would round, as a bigint.
  if (
    [...kinds].every((kind) => kind === "number" || kind === "bigint" || kind === "hugeint") &&
    values.every((value) => typeof value !== "number" || Number.isSafeInteger(value))
  )
    return "HUGEINT";
  return "VARCHAR";
}

const COLUMN = {
  boolean: "BOOLEAN",
  number: "DOUBLE",
  bigint: "BIGINT",
  hugeint: "HUGEINT",
  date: "DATE",
  text: "VARCHAR",
  instant: "TIMESTAMP WITH TIME ZONE",
  bytes: "BLOB",
  json: "JSON",
} as const;

function kindOf(value: unknown): keyof typeof COLUMN {
  if (typeof value === "boolean" || typeof value === "number") return typeof value as "boolean" | "number";
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? "bigint" : "hugeint";
  // Lossless, as such a column is read back as the same text.
  if (typeof value === "string") return CALENDAR_DATE.test(value) && !Number.isNaN(Date.parse(value)) ? "date" : "text";
  if (value instanceof Date) return "instant";
  return value instanceof Uint8Array ? "bytes" : "json";
}
