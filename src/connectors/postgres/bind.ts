import { jsonText } from "../sql/misfit.ts";

/** A JavaScript value as PostgreSQL reads it, in its text form; the type is what the statement makes of it. */
export function bind(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? arrayText(value, bindText) : bindText(value);
}

/** `{"a","b",NULL}`, with lists in it for more dimensions. */
export function arrayText(values: readonly unknown[], textOf: (value: unknown) => string): string {
  const items = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    if (Array.isArray(value)) return arrayText(value, textOf);
    return `"${textOf(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${items.join(",")}}`;
}

function bindText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  return value instanceof Uint8Array ? byteaText(value) : jsonText(value);
}

export const byteaText = (bytes: Uint8Array): string =>
  String.raw`\x` + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
