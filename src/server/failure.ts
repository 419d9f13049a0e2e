import type { ContentfulStatusCode } from "hono/utils/http-status";
import { TuttiError } from "../core/errors.ts";

/** The status of an answer by the code of its error. A code that is not here is the server's own trouble. */
const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  ALERT_NOT_FAILED: 409,
  ALERT_NOT_FOUND: 404,
  APPROVAL_ANSWERED: 409,
  APPROVAL_FORM_INVALID: 422,
  APPROVAL_NOT_ALLOWED: 403,
  APPROVAL_NOT_FOUND: 404,
  APPROVAL_OVER: 409,
  ARTIFACT_NOT_FOUND: 404,
  BACKFILL_EMPTY: 422,
  BACKFILL_ENDED: 409,
  BACKFILL_ID_AMBIGUOUS: 409,
  BACKFILL_NEWEST_FIRST: 422,
  BACKFILL_NOT_FOUND: 404,
  BAD_BACKFILL: 400,
  ASSET_NOT_FOUND: 404,
  BAD_DATE: 400,
  BAD_DEDUPE_KEY: 400,
  BAD_EVENT: 400,
  BAD_EVENT_NAME: 400,
  BAD_NAME: 400,
  BAD_REQUEST: 400,
  BAD_SELECTION: 400,
  BAD_SETUP_KEY: 401,
  BAD_SECRET: 400,
  BAD_WEBHOOK: 400,
  BODY_NOT_JSON: 415,
  BODY_TOO_LARGE: 413,
  COMMAND_REFUSED: 409,
  CONNECTION_NOT_FOUND: 404,
  CSRF_MISSING: 403,
  CURSOR_REFUSED: 400,
  EVENT_TOO_LARGE: 413,
  ENCRYPTION_KEY_MISSING: 409,
  FORBIDDEN: 403,
  HOST_NOT_ALLOWED: 421,
  KEY_REUSED: 409,
  LAST_ADMIN: 409,
  METHOD_NOT_ALLOWED: 405,
  NOTHING_TO_RETRY: 409,
  NOT_FOUND: 404,
  OIDC_NOT_CONFIGURED: 404,
  OIDC_REFUSED: 403,
  OIDC_UNREACHABLE: 502,
  ORIGIN_NOT_ALLOWED: 403,
  OWNER_GONE: 503,
  OWNER_SILENT: 503,
  PARAMS_INVALID: 422,
  PARAMS_TIMED_OUT: 422,
  PARAMS_UNEXPECTED: 422,
  PARTITIONS_DIFFER: 422,
  PARTITIONS_NONE: 422,
  PARTITION_NOT_ONE: 422,
  PARTITION_OUT_OF_RANGE: 422,
  PARTITION_UNKNOWN: 422,
  POOL_UNKNOWN: 404,
  RATE_LIMITED: 429,
  RESOURCE_IN_USE: 409,
  RUN_CANCELLED: 409,
  RUN_ENDED: 409,
  RUN_HELD_ELSEWHERE: 409,
  RUN_ID_AMBIGUOUS: 409,
  RUN_NOT_ENDED: 409,
  RUN_NOT_FOUND: 404,
  RUN_REFUSED: 422,
  SCHEDULE_NOT_FOUND: 404,
  SECRET_NOT_FOUND: 404,
  SET_UP_DONE: 409,
  SIGN_IN_FAILED: 401,
  STORE_BUSY: 503,
  STORE_FULL: 503,
  STORE_IO_ERROR: 503,
  STORE_NOT_FOUND: 503,
  STORE_UNREACHABLE: 503,
  TASK_NOT_FOUND: 404,
  TASK_RUN_ENDED: 409,
  TASK_RUN_NOT_FOUND: 404,
  TASK_RUN_RUNNING: 409,
  TOKEN_NOT_FOUND: 404,
  TOO_MANY_WINDOWS: 422,
  TOO_MANY_STREAMS: 503,
  TOO_MANY_WEBHOOKS: 409,
  UNAUTHENTICATED: 401,
  USER_EXISTS: 409,
  USER_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  WEBHOOK_REFUSED: 422,
  WORKFLOW_NOT_FOUND: 404,
  WORKFLOW_NOT_REGISTERED: 409,
};

export const isExpected = ({ code }: TuttiError): boolean => STATUS[code] !== undefined;

export interface Answered {
  readonly status: ContentfulStatusCode;
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
}

/** What a client is told of an error: only what was written for users. `null` from `unexpected`: it was expected. */
export function answerTo(error: unknown): Answered {
  const known = error instanceof TuttiError ? STATUS[error.code] : undefined;
  if (error instanceof TuttiError && known !== undefined)
    return { status: known, body: { error: { code: error.code, message: error.message } } };
  return {
    status: 500,
    body: { error: { code: "INTERNAL", message: "The server made a mistake. Its own output says more." } },
  };
}

export const badRequest = (message: string): TuttiError => new TuttiError("BAD_REQUEST", message);

export const forbidden = (message: string): TuttiError => new TuttiError("FORBIDDEN", message);
