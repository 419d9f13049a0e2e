import { definitionOf } from "../authoring/definition.ts";

/** What a value is, for a sentence: `a string ("sales")`, `a promise`, `the function "extract"`. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value === "string")
    return `a string (${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)})`;
  if (typeof value === "function") return describeFunction(value);
  if (typeof value === "symbol") return "a symbol";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return `a ${typeof value} (${value})`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Promise) return "a promise";
  if (value instanceof Error) return `an error (${value.message})`;
  const kind = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  if (kind !== undefined && kind !== "Object" && kind !== "") return `an instance of ${kind}`;
  const keys = Object.keys(value);
  return keys.length === 0
    ? "an empty object"
    : `an object with ${keys.slice(0, 4).join(", ")}${keys.length > 4 ? ", …" : ""}`;
}

function describeFunction(value: Function): string {
  if (/^class\b/.test(Function.prototype.toString.call(value))) return `the class "${value.name}"`;
  const definition = definitionOf(value);
  if (definition !== undefined) return `the ${definition.kind} "${definition.name}"`;
  return value.name === "" || value.name === "default" ? "a function" : `the function "${value.name}"`;
}
