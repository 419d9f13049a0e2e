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

/** What a rule looks at. */
export interface FailedWith {
  readonly name: string;
  readonly code?: string;
  /** Its class and those it extends, where the error is still an object. */
  readonly classes?: readonly string[];
}

/**
 * The place of the first rule that matches; `null`: none does. A text matches the error's code, its name, or a class it extends.
 * `asks` answers for the rules that are not text; without it they match nothing.
 */
export function matchRule(
  rules: readonly RetryRule[],
  failed: FailedWith,
  asks: (place: number) => boolean = () => false,
): number | null {
  const place = rules.findIndex(({ error }, at) =>
    error === null ? asks(at) : error === failed.code || error === failed.name || failed.classes?.includes(error),
  );
  return place === -1 ? null : place;
}

export interface Failure {
  /** 1-based: the attempt that failed. */
  readonly attempt: number;
  /** The place of the rule that matched. */
  readonly rule: number | null;
  /** What the task itself asked for (`RetryAfter`): taken as it is, without backoff, jitter or cap. */
  readonly retryAfterMs: number | null;
  /** Whatever the policy says, it is over. */
  readonly final: boolean;
  /** Of [0, 1), for the jitter: passed in, because nothing here draws lots. */
  readonly random: number;
}

export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false };

/** Whether, and how long after its end, a failed attempt is followed by another. A matched rule's limit and delay replace the policy's. */
export function decideRetry(policy: RetryPolicy | null, failure: Failure): RetryDecision {
  if (policy === null || failure.final) return { retry: false };
  const rule = failure.rule === null ? undefined : policy.on[failure.rule];
  if (failure.attempt > (rule?.limit ?? policy.limit)) return { retry: false };
  if (failure.retryAfterMs !== null) return { retry: true, delayMs: failure.retryAfterMs };

  const fullMs = Math.min(
    policy.maxDelayMs,
    Math.round((rule?.delayMs ?? policy.delayMs) * factor(policy.backoff, failure.attempt)),
  );
  // Full jitter, anything from nothing to the whole delay: what failed together does not come back together.
  return { retry: true, delayMs: policy.jitter === "full" ? Math.floor(failure.random * fullMs) : fullMs };
}

function factor(backoff: RetryPolicy["backoff"], attempt: number): number {
  if (backoff === "fixed") return 1;
  // Capped, because 0 × infinity is no delay.
  return backoff === "linear" ? attempt : Math.min(2 ** (attempt - 1), Number.MAX_SAFE_INTEGER);
}
