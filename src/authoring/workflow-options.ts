import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/duration.ts";
import { OVERLAPS, type WorkflowManifest } from "../core/manifest.ts";
import { ALERT_OPTIONS, type AlertOptions, type AlertReceivers, readAlertOptions } from "./alert-options.ts";
import { badOption, durationOption, knownOptions, oneOf, strings, text, wholeNumber } from "./known-options.ts";
import { readEdges } from "./edges.ts";
import { paramsManifest } from "./params.ts";
import { readSchedules, type Schedule, triggersIn } from "./schedule.ts";
import { checkScheduleParams } from "./schedule-params.ts";
import type { TriggerFunctions } from "./event-trigger.ts";
import { readTriggers } from "./event-triggers.ts";

/** How a workflow is run, given to `dag`. */
export interface WorkflowOptions<P> extends AlertOptions {
  /** What starts it, and which window a run covers; several in a list. Default: none, it is started by hand. */
  readonly schedule?: Schedule | readonly Schedule[];
  /** No window before this: `"2025-08-12"` is local midnight of the schedule's zone, `"2025-08-12T06:00"` local time in it, `"2025-08-12T06:00Z"` an instant. Default: none. */
  readonly start?: string | Date;
  /** No window after this, written like `start`. Default: none. */
  readonly end?: string | Date;
  /** Whether windows that were due before the workflow was enabled, or while it was paused, get a run each, from `start` on; and whether all of those do that were due while no scheduler was up, instead of the latest. Default: false. */
  readonly catchup?: boolean;
  /** How many runs of its windows may be at work at once; a run by hand is not counted. Default: any number; 1 where `overlap` is given. */
  readonly maxActiveRuns?: number;
  /** What becomes of a window that is due while `maxActiveRuns` runs are at work: its run waits its turn, there is none, or the oldest of them is cancelled for it. Default: `"queue"`. */
  readonly overlap?: "queue" | "skip" | "cancel_running";
  /** How many tasks of one run may run at once. Default: any number. */
  readonly maxActiveTasks?: number;
  /** How long a run may take from its start; then what has not ended fails with `RUN_TIMED_OUT`, and so does the run. `"2h"` or milliseconds. Default: none. */
  readonly timeout?: Duration;
  /** Whether a run stops when the first of its tasks has failed for good: what runs is told to stop, the rest is cancelled. Default: false. */
  readonly failFast?: boolean;
  /** After so many failed runs in a row the workflow is paused, until somebody unpauses it. Default: never. */
  readonly pauseAfterFailures?: number;
  /** Whether `onLate` is also told of a run that takes longer than usual: twice the median of the last 30 that succeeded, from ten of them on. Default: true. */
  readonly slowAlerts?: boolean;
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
  "catchup",
  "maxActiveRuns",
  "overlap",
  "maxActiveTasks",
  "timeout",
  "failFast",
  "pauseAfterFailures",
  "slowAlerts",
  ...ALERT_OPTIONS,
  "params",
  "description",
  "tags",
] as const satisfies readonly (keyof WorkflowOptions<unknown>)[];

/** @throws TuttiError `UNKNOWN_OPTION`, `BAD_OPTION`, `BAD_SCHEDULE`, `BAD_DATE` */
export function readWorkflowOptions(
  given: WorkflowOptions<StandardSchemaV1> | undefined,
  what: string,
): Pick<
  WorkflowManifest,
  | "description"
  | "tags"
  | "schedules"
  | "triggers"
  | "start"
  | "end"
  | "catchup"
  | "maxActiveRuns"
  | "overlap"
  | "maxActiveTasks"
  | "timeoutMs"
  | "failFast"
  | "pauseAfterFailures"
  | "alerts"
  | "deadline"
  | "slowAlerts"
  | "params"
> & {
  readonly schema: StandardSchemaV1 | null;
  readonly receivers: AlertReceivers | null;
  readonly triggerFunctions: readonly TriggerFunctions[];
} {
  const options = knownOptions(given, WORKFLOW_OPTIONS, what);
  const schema = readSchema(options.params, what);
  const schedules = readSchedules(options.schedule, what);
  const triggers = triggersIn(options.schedule);
  const triggerManifests = readTriggers(triggers, what);
  checkScheduleParams([...schedules, ...triggerManifests], schema, what);
  const { slowAlerts = true } = options;
  if (typeof slowAlerts !== "boolean") throw badOption(what, "slowAlerts", slowAlerts, "true or false");
  const alerts = readAlertOptions(options, what, "workflow");
  return {
    description: text(options.description, what, "description"),
    tags: strings(options.tags, what, "tags") ?? [],
    schedules,
    ...(triggerManifests.length > 0 && { triggers: triggerManifests }),
    ...readEdges(options, schedules, what),
    ...readOverlap(options, what),
    ...readStops(options, what),
    ...alerts.manifest,
    ...(!slowAlerts && { slowAlerts }),
    params: paramsManifest(schema),
    schema,
    receivers: alerts.receivers,
    triggerFunctions: triggers.map(({ functions }) => functions),
  };
}

/** Left out where nobody gave them, as below. */
function readStops(
  { maxActiveTasks, timeout, failFast, pauseAfterFailures }: WorkflowOptions<unknown>,
  what: string,
): Pick<WorkflowManifest, "maxActiveTasks" | "timeoutMs" | "failFast" | "pauseAfterFailures"> {
  const timeoutMs = durationOption(timeout, what, "timeout");
  if (timeoutMs === 0) throw badOption(what, "timeout", timeout, "longer than nothing; leave it out for none");
  if (failFast !== undefined && typeof failFast !== "boolean")
    throw badOption(what, "failFast", failFast, "true or false");
  return {
    ...(maxActiveTasks !== undefined && {
      maxActiveTasks: wholeNumber(maxActiveTasks, 1, what, "maxActiveTasks"),
    }),
    ...(timeoutMs !== null && { timeoutMs }),
    ...(failFast === true && { failFast }),
    ...(pauseAfterFailures !== undefined && {
      pauseAfterFailures: wholeNumber(pauseAfterFailures, 1, what, "pauseAfterFailures"),
    }),
  };
}

/** Left out where nobody gave them: a manifest made by an older release, which had none, stays the same. */
function readOverlap(
  { catchup, maxActiveRuns, overlap }: Pick<WorkflowOptions<unknown>, "catchup" | "maxActiveRuns" | "overlap">,
  what: string,
): Pick<WorkflowManifest, "catchup" | "maxActiveRuns" | "overlap"> {
  if (catchup !== undefined && typeof catchup !== "boolean") throw badOption(what, "catchup", catchup, "true or false");
  const most = maxActiveRuns === undefined ? undefined : wholeNumber(maxActiveRuns, 1, what, "maxActiveRuns");
  const rule = oneOf(overlap, OVERLAPS, "queue", what, "overlap");
  return {
    ...(catchup === true && { catchup }),
    ...(most === undefined ? overlap !== undefined && { maxActiveRuns: 1 } : { maxActiveRuns: most }),
    ...(rule !== "queue" && { overlap: rule }),
  };
}

export function readSchema(
  params: StandardSchemaV1 | undefined,
  what: string,
  option = "params",
): StandardSchemaV1 | null {
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
  throw badOption(what, option, params, "a Standard Schema, such as z.object({ region: z.string() })");
}
