import type { FormField } from "./schema.ts";

/** What stands in a field's box for a value. */
export const textOf = ({ kind }: FormField, value: unknown): string =>
  value === undefined ? "" : kind !== "json" && typeof value === "string" ? value : JSON.stringify(value);

/** The value of what stands in a box; nothing there is no value. What is no JSON, or no number, is kept as it is, and told. */
export function valueOf({ kind }: FormField, text: string): unknown {
  if (text === "") return undefined;
  if (kind === "number") {
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  }
  if (kind !== "json") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
