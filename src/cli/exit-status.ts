import { TuttiError } from "../core/errors.ts";
import { UsageError } from "./usage-error.ts";

export const STATUS = { succeeded: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** What only the user's words can have caused. All other errors are failures. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "BACKFILL_EMPTY",
  "BACKFILL_ENDED",
  "BACKFILL_ID_AMBIGUOUS",
  "BACKFILL_NEWEST_FIRST",
  "BACKFILL_NOT_FOUND",
  "BAD_BACKFILL",
  "BAD_CONFIG",
  "BAD_DATE",
  "BAD_DEDUPE_KEY",
  "BAD_DURATION",
  "BAD_EVENT",
  "BAD_EVENT_NAME",
  "BAD_PARAM",
  "EVENT_TOO_LARGE",
  "FILE_NOT_FOUND",
  "FILE_NOT_IMPORTABLE",
  "NOTHING_TO_RETRY",
  "PARAMS_INVALID",
  "PARAMS_UNEXPECTED",
  "NOTHING_TO_CLEAR",
  "PARTITIONS_DIFFER",
  "PARTITIONS_NONE",
  "PARTITION_NOT_ONE",
  "PARTITION_OUT_OF_RANGE",
  "PARTITION_UNKNOWN",
  "POOL_SIZE",
  "POOL_UNKNOWN",
  "RESOURCE_IN_USE",
  "RUN_ENDED",
  "RUN_ID_AMBIGUOUS",
  "RUN_NOT_ENDED",
  "RUN_NOT_FOUND",
  "SCHEDULE_NOT_FOUND",
  "TASK_NOT_FOUND",
  "TASK_RUN_ENDED",
  "TASK_RUN_NOT_FOUND",
  "TASK_RUN_RUNNING",
  "TOO_MANY_WINDOWS",
  "WORKFLOW_NOT_FOUND",
]);

export const statusOf = (error: unknown): number =>
  error instanceof UsageError || (error instanceof TuttiError && USAGE_CODES.has(error.code))
    ? STATUS.usage
    : STATUS.failed;
