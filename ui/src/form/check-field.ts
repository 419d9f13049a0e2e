import type { FormField, Schema } from "./schema.ts";

/** What is wrong with a value, as a sentence with the rule and the default; `null`: nothing that can be seen here. */
export function problemOf({ schema, required, kind, options }: FormField, value: unknown): string | null {
  if (value === undefined) return required ? "It is needed." : null;
  const wrong =
    kind === "choice"
      ? options.includes(value)
        ? null
        : `Must be one of ${options.map(String).join(", ")}.`
      : typeProblem(schema, value);
  return wrong === null
    ? null
    : `${wrong}${schema.default === undefined ? "" : ` The default is ${JSON.stringify(schema.default)}.`}`;
}

function typeProblem(schema: Schema, value: unknown): string | null {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  if (types.length > 0 && !types.some((type) => isOf(type, value))) return `Must be ${an(types.join(" or "))}.`;
  if (typeof value === "number") return numberProblem(schema, value);
  if (typeof value === "string") return textProblem(schema, value);
  return null;
}

function numberProblem({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, value: number): string | null {
  if (minimum !== undefined && value < minimum) return `Must be ${minimum} or more.`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `Must be more than ${exclusiveMinimum}.`;
  if (maximum !== undefined && value > maximum) return `Must be ${maximum} or less.`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `Must be less than ${exclusiveMaximum}.`;
  return null;
}

function textProblem({ minLength, maxLength, pattern }: Schema, value: string): string | null {
  const { length } = Array.from(value);
  if (minLength !== undefined && length < minLength) return `Must have ${minLength} characters or more.`;
  if (maxLength !== undefined && length > maxLength) return `Must have ${maxLength} characters or fewer.`;
  if (pattern !== undefined && !matches(pattern, value)) return `Must match ${pattern}.`;
  return null;
}

/** A pattern that this browser can't read is the server's to check. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

const an = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);
