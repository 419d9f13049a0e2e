/** Why a value does not fit its column; the row and the column are added by who knows them. */
export class Misfit extends Error {}

// The kind and not the value: the value may be a secret, and error messages are kept.
export function misfit(value: unknown, wanted: string): Misfit {
  const kind = Array.isArray(value)
    ? "a list"
    : value instanceof Date
      ? "a Date"
      : typeof value === "number"
        ? "this number"
        : `a ${typeof value}`;
  return new Misfit(`${kind} does not fit; the column takes ${wanted}.`);
}

/** @throws Misfit for an invalid Date. */
export function isoInstant(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new Misfit("an invalid Date does not fit.");
  return value.toISOString();
}

/** A value as JSON: `bigint` exactly, a `Map` as an object. @throws Misfit for what JSON has no words for. */
export function jsonText(value: unknown): string {
  const written = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? rawJson(String(inner)) : inner instanceof Map ? Object.fromEntries(inner) : inner,
  );
  if (written === undefined) throw misfit(value, "JSON");
  return written;
}

// In Node since 21; TypeScript's libraries do not know it yet.
const rawJson = (JSON as unknown as { rawJSON(this: void, text: string): unknown }).rawJSON;
