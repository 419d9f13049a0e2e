import { setTimeout as delay } from "node:timers/promises";
import { RetryAfter } from "../../authoring/control.ts";
import { HttpFailed } from "./http-errors.ts";
import { retryWait } from "./retry-wait.ts";
import { type HttpRequest, sendOnce } from "./send-once.ts";

export interface Exchange extends HttpRequest {
  /** The server does the same, however often it gets this. */
  readonly idempotent: boolean;
  /** With the first. */
  readonly maxTries: number;
}

/** A longer wait is not spent in a task's slot: the task's own retries take it. */
const LONGEST_WAIT_HERE_MS = 60_000;

/**
 * Sends a request until it is answered with success, and again only where that is safe.
 *
 * @throws HttpFailed, HttpUnreachable or HttpTimedOut of the last try. RetryAfter when the server asks for more than a minute. The signal's reason.
 */
export async function exchange<T>(request: Exchange, take: (response: Response) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await sendOnce(request, take);
    } catch (error) {
      const { idempotent, maxTries } = request;
      const retryAfterMs = error instanceof HttpFailed ? error.retryAfterMs : null;
      const waitMs = retryWait(error, { idempotent, tries, maxTries, retryAfterMs, random: Math.random() });
      if (waitMs === null) throw error;
      if (waitMs > LONGEST_WAIT_HERE_MS) throw new RetryAfter(waitMs, (error as Error).message, { cause: error });
      await pause(waitMs, request.signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  try {
    await delay(ms, undefined, signal === null ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
