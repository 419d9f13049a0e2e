import { didYouMean } from "../authoring/nearest.ts";
import { TuttiError } from "../core/errors.ts";
import type { JsonSchema, WorkflowManifest } from "../core/manifest.ts";

type Fields = Readonly<Record<string, JsonSchema>>;

/**
 * What the user passes to the workflow: `--params` first, each `--param` over it. A field that the input schema calls a text
 * is taken as it is; otherwise it is JSON; without a schema, JSON where it parses. `undefined`: nothing was given.
 *
 * @throws TuttiError `BAD_PARAM`
 */
export function paramsFrom(manifest: WorkflowManifest, json: string | undefined, pairs: readonly string[]): unknown {
  const whole = json === undefined ? undefined : wholeParams(json);
  if (pairs.length === 0) return whole;
  if (whole !== undefined && !isRecord(whole)) throw badParam(`--params is no object, so --param can't add to it.`);
  const params: Record<string, unknown> = { ...whole };
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw badParam(`"${pair}" is no param. Write: --param name=value`);
    const name = pair.slice(0, at);
    params[name] = fieldValue(manifest, name, pair.slice(at + 1));
  }
  return params;
}

function wholeParams(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw badParam(
      `--params is not JSON (${(cause as Error).message}). Write it like --params '{"region": "emea"}'`,
      cause,
    );
  }
}

function fieldValue({ name: workflow, params }: WorkflowManifest, name: string, text: string): unknown {
  const schema = params?.schema ?? null;
  const fields = schema === null ? null : ((schema["properties"] ?? null) as Fields | null);
  const field = fields?.[name];
  if (field === undefined && fields !== null && schema?.["additionalProperties"] === false) {
    throw badParam(
      `Workflow "${workflow}" has no param "${name}".${didYouMean(name, Object.keys(fields))} It takes: ${Object.keys(fields).join(", ")}.`,
    );
  }
  if (field !== undefined && isText(field)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (field === undefined || canBeText(field)) return text;
    throw badParam(
      `Param "${name}" of workflow "${workflow}" must be ${kindOf(field)}, as JSON; ${JSON.stringify(text)} is not. A text in JSON needs quotes: --param '${name}="…"'`,
      cause,
    );
  }
}

const isText = (field: JsonSchema): boolean =>
  field["type"] === "string" ||
  (Array.isArray(field["enum"]) && field["enum"].every((value) => typeof value === "string"));

/** A union with a text in it, or a schema that does not say. */
const canBeText = (field: JsonSchema): boolean =>
  (field["type"] === undefined &&
    field["const"] === undefined &&
    field["enum"] === undefined &&
    !anyOf(field).some((part) => part["type"] !== undefined && !isText(part))) ||
  (Array.isArray(field["type"]) && field["type"].includes("string")) ||
  anyOf(field).some(isText);

const anyOf = (field: JsonSchema): readonly JsonSchema[] =>
  [field["anyOf"], field["oneOf"]].flatMap((parts) => (Array.isArray(parts) ? (parts as JsonSchema[]) : []));

const kindOf = (field: JsonSchema): string =>
  typeof field["type"] === "string" ? `of type "${field["type"]}"` : "what its schema says";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const badParam = (message: string, cause?: unknown): TuttiError => new TuttiError("BAD_PARAM", message, { cause });
