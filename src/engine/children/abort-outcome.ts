import type { AbortReason, Outcome } from "../../runtime/protocol.ts";

/**
 * How an attempt that was told to stop has ended, whatever its code still made of it; `null`: nothing is known about the task.
 * `said`: what it reported; `null`: it did not stop within its grace. `where`: the code that blocked it.
 */
export function abortOutcome(
  reason: AbortReason,
  timeoutMs: number | null,
  said: Outcome | null,
  where: string | null = null,
): Outcome | null {
  if (reason === "cancelled") return { state: "cancelled" };
  if (reason === "shutdown")
    return said !== null && (said.state === "succeeded" || said.state === "skipped" || said.state === "deferred")
      ? said
      : null;
  const what = where === null ? "" : ` It kept the process busy at ${where}.`;
  const message = `The task ran longer than its timeout of ${timeoutMs} ms.${what}`;
  // What it threw when its signal aborted shows where it was.
  const cause = said?.state === "failed" && said.error.code !== "TIMED_OUT" ? { cause: said.error } : {};
  return {
    state: "failed",
    error: { name: "TimedOut", code: "TIMED_OUT", message, ...cause },
    rule: null,
    retryAfterMs: null,
    final: false,
  };
}
