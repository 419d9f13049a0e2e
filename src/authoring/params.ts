import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonSchema, WorkflowManifest } from "../core/manifest.ts";

/** What a run takes, as data. The schema is that of the input: what a user writes, before defaults and transforms. */
export const paramsManifest = (schema: StandardSchemaV1 | null): WorkflowManifest["params"] =>
  schema === null ? null : { schema: inputSchema(schema) };

/** `null` where the library has no JSON Schema, or has none for this schema (e.g. one with a `Date`). */
function inputSchema(schema: StandardSchemaV1): JsonSchema | null {
  const { jsonSchema } = schema["~standard"] as Partial<StandardJSONSchemaV1.Props> & StandardSchemaV1.Props;
  if (jsonSchema === undefined) return null;
  try {
    // Through JSON: a manifest is data, and libraries may leave functions or `undefined` in.
    return JSON.parse(JSON.stringify(jsonSchema.input({ target: "draft-2020-12" }))) as JsonSchema;
  } catch {
    return null;
  }
}
