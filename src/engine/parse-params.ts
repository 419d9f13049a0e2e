import { TuttiError } from "../core/errors.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { ListReports } from "../core/value.ts";
import type { LiveVersion } from "./live-version.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface AcceptedParams {
  /** What the schema made of them, encoded. */
  readonly params: string | null;
  readonly lists: ListReports | null;
}

/**
 * Params as the version's own code parses them, once, before the run is accepted.
 *
 * @throws TuttiError `PARAMS_INVALID`, `PARAMS_UNEXPECTED`
 */
export async function parseParams(
  host: WorkerHost,
  { record, file, manifestHash }: LiveVersion,
  params: unknown,
): Promise<AcceptedParams> {
  if (record.manifest.params === null) {
    if (params !== undefined && Object.keys(params as object).length > 0)
      throw new TuttiError(
        "PARAMS_UNEXPECTED",
        `Workflow "${record.workflow}" takes no params; it was given ${Object.keys(params as object)
          .map((key) => `"${key}"`)
          .join(", ")}. Give it a schema: dag("${record.workflow}", { params: … }).`,
      );
    return { params: null, lists: null };
  }
  const version = { hash: record.hash, file, workflow: record.workflow, manifestHash };
  const parsed = await host.parseParams(version, params === undefined ? null : encodeValue(params));
  if (parsed.ok) return { params: parsed.params, lists: parsed.lists };
  if ("error" in parsed)
    throw new TuttiError(
      parsed.error.code ?? "PARAMS_INVALID",
      `The params of workflow "${record.workflow}" could not be read: ${parsed.error.message}`,
    );
  const issues = parsed.issues.map(({ path, message }) => (path === "" ? message : `"${path}": ${message}`)).join("; ");
  throw new TuttiError(
    "PARAMS_INVALID",
    `The params of workflow "${record.workflow}" are not what it takes: ${issues}.`,
  );
}
