import { TuttiError } from "../core/errors.ts";

const MAX_BYTES = 1_000;

/**
 * A key as a store takes it. No key leads out of the store's prefix, on any backend: a store of objects would take `..` as a name, and a folder of
 * files would follow it.
 *
 * @throws TuttiError `OBJECT_OUTSIDE_PREFIX`, `BAD_OBJECT_KEY`.
 */
export function checkKey(key: unknown): string {
  if (typeof key !== "string" || key === "" || key.endsWith("/")) throw badKey(key, "is no path of an object");
  return checkPrefix(key);
}

/** The beginning of keys; may be empty, or end within a name. */
export function checkPrefix(prefix: unknown): string {
  if (typeof prefix !== "string") throw badKey(prefix, "is no text");
  const parts = prefix.split("/");
  if (prefix.startsWith("/") || parts.includes("..")) throw outside(prefix);
  if (/[\\\0-\u001f\u007f]/.test(prefix)) throw badKey(prefix, "holds a backslash or a control character");
  if (parts.some((part, at) => part === "." || (part === "" && at < parts.length - 1)))
    throw badKey(prefix, "has an empty part, or one that is a dot");
  if (!prefix.isWellFormed() || Buffer.byteLength(prefix) > MAX_BYTES)
    throw badKey(prefix, `is longer than ${MAX_BYTES} bytes, or no Unicode`);
  return prefix;
}

export const outside = (key: string): TuttiError =>
  new TuttiError(
    "OBJECT_OUTSIDE_PREFIX",
    `${JSON.stringify(key.slice(0, 200))} leads out of the store's prefix. Name objects by their path below it, such as "sales/2025-08-12.parquet".`,
  );

const badKey = (key: unknown, why: string): TuttiError =>
  new TuttiError(
    "BAD_OBJECT_KEY",
    `${JSON.stringify(typeof key === "string" ? key.slice(0, 200) : key)} ${why}. Take a path such as "sales/2025-08-12.parquet".`,
  );
