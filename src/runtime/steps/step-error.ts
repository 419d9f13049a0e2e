import type { ErrorData } from "../../core/errors.ts";

/** What a step threw before a restart: the same to look at, of no class of the user's any more. */
export function recordedError(data: ErrorData): Error {
  const error = new Error(data.message, data.cause && { cause: recordedError(data.cause) });
  error.name = data.name;
  if (data.stack !== undefined) error.stack = data.stack;
  return data.code === undefined ? error : Object.assign(error, { code: data.code });
}

/** Whether `thrown` is that error, or was thrown because of it. */
export function comesFrom(thrown: unknown, error: unknown): boolean {
  for (let cause = thrown, depth = 0; depth < 5; depth++) {
    if (cause === error) return true;
    if (!(cause instanceof Error) || cause.cause === undefined) return false;
    ({ cause } = cause);
  }
  return false;
}
