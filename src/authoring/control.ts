import { type Duration, parseDuration } from "../core/duration.ts";

/**
 * Thrown by a task to end it as `failed` at once, whatever its `retries` say.
 *
 * @example
 * const charge = task("charge", { retries: 5 }, async ({ card }: { card: string }) => {
 *   if (card === "") throw new FailWithoutRetry("the order has no card");
 * });
 */
export class FailWithoutRetry extends Error {
  override readonly name = "FailWithoutRetry";
}

/**
 * Thrown by a task to fail this attempt and to say when the next one starts: its delay takes the place of the policy's.
 * It spends an attempt like any other error, so the task needs `retries`.
 *
 * @throws TuttiError `BAD_DURATION` when the delay is none.
 * @example
 * const fetchPage = task("fetch_page", { retries: 3 }, async ({ url }: { url: string }) => {
 *   const response = await fetch(url);
 *   if (response.status === 429) throw new RetryAfter("5m", "the API is busy");
 *   return response.text();
 * });
 */
export class RetryAfter extends Error {
  override readonly name = "RetryAfter";
  readonly delayMs: number;

  /** `delay`: `"5m"` or milliseconds. `message`: default `try again in <delay>`. */
  constructor(
    delay: Duration,
    message = `try again in ${typeof delay === "number" ? `${delay} ms` : delay}`,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.delayMs = parseDuration(delay);
  }
}

/** What `ctx.skip(reason)` throws. A task that catches everything must let it pass. */
export class SkipTask extends Error {
  override readonly name = "SkipTask";
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
