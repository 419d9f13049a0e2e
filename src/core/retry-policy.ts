/** How a failed task is tried again, as the manifest holds it. Durations are whole milliseconds. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly limit: number;
  readonly backoff: "fixed" | "linear" | "exponential";
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly jitter: "full" | "none";
  /** The first rule that matches decides. `error`: a code or a class name; `null`: a class or function of the user's, asked in the child by its place. */
  readonly on: readonly RetryRule[];
}

export interface RetryRule {
  readonly error: string | null;
  readonly limit: number | null;
  readonly delayMs: number | null;
}
