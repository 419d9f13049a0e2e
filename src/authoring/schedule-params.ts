import type { StandardSchemaV1 } from "@standard-schema/spec";
import { decodeValue, formatPath } from "../core/value-codec.ts";
import { refusal } from "./refusal.ts";

/**
 * Params that a schedule gives are checked when the file is loaded, as far as the schema answers at once; each run parses them again.
 *
 * @throws TuttiError `PARAMS_UNEXPECTED`, `PARAMS_INVALID`
 */
export function checkScheduleParams(
  schedules: readonly { readonly name: string; readonly params?: string }[],
  schema: StandardSchemaV1 | null,
  what: string,
): void {
  for (const { name, params } of schedules) {
    if (params === undefined) continue;
    if (schema === null)
      throw refusal(
        "PARAMS_UNEXPECTED",
        `${what}: schedule "${name}" has params, and the workflow takes none. Give it a schema: dag(name, { params: z.object({ … }) }, …).`,
      );
    const result = schema["~standard"].validate(decodeValue(params));
    if (result instanceof Promise) result.catch(() => {});
    else if (result.issues)
      throw refusal(
        "PARAMS_INVALID",
        `${what}: the params of schedule "${name}" are not what the workflow takes: ${result.issues.map(issueText).join("; ")}`,
      );
  }
}

function issueText({ path = [], message }: StandardSchemaV1.Issue): string {
  const at = formatPath(path.map((step) => (typeof step === "object" ? step.key : step) as string | number));
  return at === "" ? message : `${at}: ${message}`;
}
