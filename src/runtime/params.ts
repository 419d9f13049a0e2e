import type { StandardSchemaV1 } from "@standard-schema/spec";
import { toErrorData } from "../core/error-data.ts";
import { decodeValue, encodeValue, formatPath } from "../core/value-codec.ts";
import type { ListReport, ListReports } from "../core/value.ts";
import type { LoadedVersion } from "./code.ts";
import type { ParsedParams } from "./protocol.ts";
import { reportList } from "./result.ts";

/** A run's params by the workflow's schema, once, before the run is accepted. Without a schema they stay as they are. */
export async function parseParams(version: LoadedVersion, input: string | null): Promise<ParsedParams> {
  try {
    const schema = version.built.params;
    const given = input === null ? undefined : decodeValue(input);
    if (schema === null) return { ok: true, params: input, lists: await listsOf(version, given) };
    // A run that says nothing gets the schema's defaults.
    const result = await schema["~standard"].validate(given ?? {});
    if (result.issues)
      return {
        ok: false,
        issues: result.issues.map((issue) => ({ path: formatPath(pathOf(issue)), message: issue.message })),
      };
    const params = encodeValue(result.value, {
      at: `what the schema of workflow "${version.info.workflow}" made of the params`,
    });
    return { ok: true, params, lists: await listsOf(version, result.value) };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

const pathOf = (issue: StandardSchemaV1.Issue): (string | number)[] =>
  (issue.path ?? [])
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key) => (typeof key === "symbol" ? String(key) : key));

async function listsOf(version: LoadedVersion, params: unknown): Promise<ListReports | null> {
  const { paramProbes } = version.graph;
  if (paramProbes.length === 0) return null;
  const lists: Record<string, ListReport> = {};
  // Params have no attempt to keep an artifact under: they are what a user typed, and stay inline.
  for (const probe of paramProbes)
    lists[probe.key] = await reportList(probe, params, version, "the params", async (_, text) => ({
      kind: "inline",
      text,
    }));
  return lists;
}
