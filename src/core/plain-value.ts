import { isArtifactRef } from "./artifact-ref.ts";

/**
 * A value of a task as JSON can say it: dates as ISO texts, maps with text keys as objects and others as lists of pairs, sets
 * and typed arrays as lists, big integers as texts, artifacts as their place and size. What JSON has no word for is null.
 */
export function plainValue(value: unknown, around: readonly object[] = []): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value === undefined ? null : value;
  if (around.includes(value)) return "[circular]";
  const inside = [...around, value];
  const plain = (part: unknown): unknown => plainValue(part, inside);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (isArtifactRef(value)) return { artifact: value.uri, size: value.size };
  if (value instanceof Map) return plainMap(value, plain);
  if (value instanceof Set || Array.isArray(value)) return Array.from(value, plain);
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  if (value instanceof DataView) return Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plain);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : [[key, plain(part)]])),
  );
}

function plainMap(map: ReadonlyMap<unknown, unknown>, plain: (part: unknown) => unknown): unknown {
  const entries = [...map];
  if (entries.every(([key]) => typeof key === "string"))
    return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
  return entries.map(([key, value]) => [plain(key), plain(value)]);
}
