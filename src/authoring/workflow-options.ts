import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { WorkflowManifest } from "../core/manifest.ts";
import { badOption, knownOptions, strings, text } from "./known-options.ts";
import { readEdges } from "./edges.ts";
import { paramsManifest } from "./params.ts";
import { readSchedules, type Schedule } from "./schedule.ts";

/** How a workflow is run, given to `dag`. */
export interface WorkflowOptions<P> {
  /** What starts it, and which window a run covers; several in a list. Default: none, it is started by hand. */
  readonly schedule?: Schedule | readonly Schedule[];
  /** No window before this: `"2025-08-12"` is local midnight of the schedule's zone, `"2025-08-12T06:00"` local time in it, `"2025-08-12T06:00Z"` an instant. Default: none. */
  readonly start?: string | Date;
  /** No window after this, written like `start`. Default: none. */
  readonly end?: string | Date;
  /** A Standard Schema (zod, valibot, arktype …) of what a run takes. Default: it takes nothing. */
  readonly params?: P;
  /** One or more sentences for people. Default: none. */
  readonly description?: string;
  /** Words to find it by. Default: none. */
  readonly tags?: readonly string[];
}

const WORKFLOW_OPTIONS = [
  "schedule",
  "start",
  "end",
  "params",
  "description",
  "tags",
] as const satisfies readonly (keyof WorkflowOptions<unknown>)[];

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_SCHEDULE`, `BAD_DATE` */
export function readWorkflowOptions(
  given: WorkflowOptions<StandardSchemaV1> | undefined,
  what: string,
): Pick<WorkflowManifest, "description" | "tags" | "schedules" | "start" | "end" | "params"> & {
  readonly schema: StandardSchemaV1 | null;
} {
  const options = knownOptions(given, WORKFLOW_OPTIONS, what);
  const schema = readSchema(options.params, what);
  const schedules = readSchedules(options.schedule, what);
  return {
    description: text(options.description, what, "description"),
    tags: strings(options.tags, what, "tags") ?? [],
    schedules,
    ...readEdges(options, schedules, what),
    params: paramsManifest(schema),
    schema,
  };
}

function readSchema(params: StandardSchemaV1 | undefined, what: string): StandardSchemaV1 | null {
  if (params === undefined) return null;
  // Some libraries' schemas are functions.
  const standard: unknown =
    (typeof params === "object" || typeof params === "function") && params !== null ? params["~standard"] : undefined;
  if (
    typeof standard === "object" &&
    standard !== null &&
    typeof (standard as { validate?: unknown }).validate === "function"
  )
    return params;
  throw badOption(what, "params", params, "a Standard Schema, such as z.object({ region: z.string() })");
}
