import { TuttiError } from "../core/errors.ts";
import { UsageError } from "./usage-error.ts";

export const STATUS = { succeeded: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** What only the user's words can have caused. All other errors are failures. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "BAD_CONFIG",
  "BAD_DATE",
  "BAD_DURATION",
  "BAD_PARAM",
  "FILE_NOT_FOUND",
  "FILE_NOT_IMPORTABLE",
  "NOTHING_TO_RETRY",
  "PARAMS_INVALID",
  "PARAMS_UNEXPECTED",
  "RUN_ENDED",
  "RUN_ID_AMBIGUOUS",
  "RUN_NOT_ENDED",
  "RUN_NOT_FOUND",
  "TASK_NOT_FOUND",
  "TOO_MANY_WINDOWS",
  "WORKFLOW_NOT_FOUND",
]);

export const statusOf = (error: unknown): number =>
  error instanceof UsageError || (error instanceof TuttiError && USAGE_CODES.has(error.code))
    ? STATUS.usage
    : STATUS.failed;
