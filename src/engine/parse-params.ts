import { TuttiError } from "../core/errors.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { ListReports } from "../core/value.ts";
import type { ParsedParams } from "../runtime/protocol.ts";
import { type LiveVersion, versionInfo } from "./live-version.ts";
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
export async function parseParams(host: WorkerHost, live: LiveVersion, params: unknown): Promise<AcceptedParams> {
  const { record } = live;
  if (record.manifest.params === null) {
    const given = givenParams(params);
    if (given !== null)
      throw new TuttiError(
        "PARAMS_UNEXPECTED",
        `Workflow "${record.workflow}" takes no params; it was given ${given}. Give it a schema: dag("${record.workflow}", { params: … }).`,
      );
    return { params: null, lists: null };
  }
  return acceptedParams(
    record.workflow,
    await host.parseParams(versionInfo(live), params === undefined ? null : encodeValue(params)),
  );
}

/** @throws TuttiError `PARAMS_INVALID`, or what the schema threw */
export function acceptedParams(workflow: string, parsed: ParsedParams): AcceptedParams {
  if (parsed.ok) return { params: parsed.params, lists: parsed.lists };
  if ("error" in parsed)
    throw new TuttiError(
      parsed.error.code ?? "PARAMS_INVALID",
      `The params of workflow "${workflow}" could not be read: ${parsed.error.message}`,
    );
  const issues = parsed.issues.map(({ path, message }) => (path === "" ? message : `"${path}": ${message}`)).join("; ");
  throw new TuttiError("PARAMS_INVALID", `The params of workflow "${workflow}" are not what it takes: ${issues}.`);
}

/** What was given where nothing is taken, in words; `null`: nothing was. */
function givenParams(params: unknown): string | null {
  if (params === undefined || params === null) return null;
  if (typeof params !== "object") return `a ${typeof params}`;
  const names = Object.keys(params);
  return names.length === 0 ? null : names.map((name) => `"${name}"`).join(", ");
}
