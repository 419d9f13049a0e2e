import { toErrorData } from "../core/error-data.ts";

/** Fields of a log line as JSON: what JSON can't say becomes text, what is too long becomes a note of its size. */
export function toLogFields(fields: object, limit: number): Readonly<Record<string, unknown>> {
  try {
    const text = JSON.stringify(fields, readable);
    if (text === undefined) return { unreadable: "the fields have no JSON form" };
    if (text.length > limit) return { cut: `${text.length} characters of fields; the limit is ${limit}` };
    const plain: unknown = JSON.parse(text);
    return typeof plain === "object" && plain !== null && !Array.isArray(plain)
      ? (plain as Record<string, unknown>)
      : { value: plain };
  } catch (error) {
    return { unreadable: String(error) };
  }
}

function readable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return toErrorData(value);
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  return value;
}
