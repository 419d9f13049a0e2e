import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { TuttiError } from "../core/errors.ts";
import { badRequest } from "./failure.ts";

type Check = (value: unknown, what: string) => void;

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** Made once for each contract: refuses what the schema does not allow. @throws TuttiError `BAD_REQUEST` */
export function checker(schema: TSchema): Check {
  const compiled = Compile(schema);
  return (value, what) => {
    if (compiled.Check(value)) return checkMoments(schema, value, what);
    const [first] = compiled.Errors(value);
    const at = (first?.instancePath ?? "").replaceAll("/", ".").slice(1);
    throw badRequest(`${what}${at === "" ? "" : ` "${at}"`} ${sayWhy(first)}.`);
  };
}

/** `format` is a word to most validators; here a moment is one that exists. */
function checkMoments(schema: TSchema, value: unknown, what: string): void {
  const { properties } = schema as { properties?: Record<string, Spelled> };
  if (properties === undefined || value === null || typeof value !== "object") return;
  for (const [name, field] of Object.entries(properties)) {
    const given = (value as Record<string, unknown>)[name];
    if (typeof given !== "string" || !isMoment(field)) continue;
    if (!MOMENT.test(given) || Number.isNaN(Date.parse(given)))
      throw badRequest(`${what} "${name}" is no moment. Write it like 2026-01-31T06:00:00Z.`);
  }
}

interface Spelled {
  readonly format?: string;
  readonly anyOf?: readonly Spelled[];
}

const isMoment = ({ format, anyOf = [] }: Spelled): boolean => format === "date-time" || anyOf.some(isMoment);

interface Found {
  readonly message?: string;
  readonly keyword?: string;
  readonly params?: object;
}

function sayWhy(found: Found | undefined): string {
  if (found === undefined) return "is not what it must be";
  const { additionalProperties } = (found.params ?? {}) as { additionalProperties?: readonly string[] };
  if (found.keyword === "additionalProperties" && additionalProperties !== undefined)
    return `has no field "${additionalProperties[0]}"`;
  return found.message ?? "is not what it must be";
}

interface Field {
  readonly type?: string;
  readonly items?: Field;
}

/** The query of a URL as its schema says: numbers, flags, and lists with commas or given again. @throws TuttiError `BAD_REQUEST` */
export function readQuery(schema: TSchema, url: URL): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, Field> };
  const query: Record<string, unknown> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const given = url.searchParams.getAll(name);
    if (field === undefined)
      throw badRequest(`There is no query "${name}" here. There are: ${Object.keys(properties).join(", ") || "none"}.`);
    if (field.type === "array") query[name] = given.flatMap((text) => text.split(",")).filter((text) => text !== "");
    else if (given.length > 1) throw badRequest(`The query "${name}" is given twice.`);
    else query[name] = fromText(field, given[0]!);
  }
  return query;
}

function fromText({ type }: Field, text: string): unknown {
  if (type === "integer" || type === "number") return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

/** The body of a request: JSON, and nothing else. `undefined`: there is none. @throws TuttiError `BODY_NOT_JSON`, `BAD_REQUEST` */
export function readBody(contentType: string | undefined, text: string): unknown {
  if (text === "") return undefined;
  // What a form of another site can send without asking is none of these.
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? ""))
    throw new TuttiError("BODY_NOT_JSON", "The body must be JSON: send it with content-type: application/json.");
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badRequest(`The body is no JSON: ${(error as Error).message}`);
  }
}
