import { HttpFailed, HttpTimedOut, HttpUnreachable } from "./http-errors.ts";

/** What decides whether a request is sent again. */
export interface TryAgain {
  /** The server does the same, however often it gets the request: by its method, or because it knows it by a key. */
  readonly idempotent: boolean;
  /** Tries so far. */
  readonly tries: number;
  readonly maxTries: number;
  /** What the server asked for; `null`: nothing. */
  readonly retryAfterMs: number | null;
  /** Between 0 and 1. */
  readonly random: number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const SERVER_FAILED: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

/** Milliseconds until the next try; `null`: none, because it would not be safe, would not help, or there have been enough. */
export function retryWait(error: unknown, again: TryAgain): number | null {
  if (again.tries >= again.maxTries || !isSafe(error, again.idempotent)) return null;
  if (again.retryAfterMs !== null) return again.retryAfterMs;
  return Math.round(again.random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** again.tries));
}

function isSafe(error: unknown, idempotent: boolean): boolean {
  // A server that refuses for its load has done nothing.
  if (error instanceof HttpFailed) return error.status === 429 || (idempotent && SERVER_FAILED.has(error.status));
  if (error instanceof HttpUnreachable) return error.unsent || idempotent;
  return error instanceof HttpTimedOut && idempotent;
}

/** A `Retry-After` header: seconds, or a date. `null`: none that can be read. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
