/** When a task may start, by the states its upstream ended in. Names and semantics are Airflow's (`docs/learn/trigger-rules.md` has the departures). */
export const TRIGGER_RULES = [
  "all_success",
  "all_failed",
  "all_done",
  "all_done_min_one_success",
  "one_success",
  "one_failed",
  "one_done",
  "none_failed",
  "none_failed_min_one_success",
  "none_skipped",
  "all_skipped",
  "always",
] as const;

export type TriggerRule = (typeof TRIGGER_RULES)[number];

/** How many of the upstream task runs a rule looks at are in which state. Removed ones are left out. */
export interface UpstreamCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly skipped: number;
  /** All that have ended, also cancelled ones. */
  readonly ended: number;
}

export type RuleVerdict = "run" | "wait" | "skipped" | "upstream_failed";

/**
 * What a rule says of these counts. Rules that need one upstream only (`one_*`, `always`) don't wait for the others.
 * A failure is told at once; a skip that a later failure could still turn into `upstream_failed` waits for the last
 * upstream, so that the outcome never depends on who was faster (Airflow skips at once there).
 */
export function ruleVerdict(rule: TriggerRule, counts: UpstreamCounts): RuleVerdict {
  return counts.total === 0 ? "run" : RULES[rule](counts);
}

const allEnded = (c: UpstreamCounts): boolean => c.ended >= c.total;
const anyFailed = (c: UpstreamCounts): boolean => c.failed + c.upstreamFailed > 0;

const RULES = {
  all_success: (c) =>
    anyFailed(c) ? "upstream_failed" : !allEnded(c) ? "wait" : c.succeeded === c.total ? "run" : "skipped",
  all_failed: (c) => (c.succeeded + c.skipped > 0 ? "skipped" : !allEnded(c) ? "wait" : "run"),
  all_done: (c) => (allEnded(c) ? "run" : "wait"),
  all_done_min_one_success: (c) =>
    !allEnded(c) ? "wait" : c.succeeded > 0 ? "run" : c.skipped === c.total ? "skipped" : "upstream_failed",
  one_success: (c) =>
    c.succeeded > 0 ? "run" : !allEnded(c) ? "wait" : c.skipped === c.total ? "skipped" : "upstream_failed",
  one_failed: (c) => (anyFailed(c) ? "run" : !allEnded(c) ? "wait" : "skipped"),
  one_done: (c) => (c.succeeded + c.failed > 0 ? "run" : !allEnded(c) ? "wait" : "skipped"),
  none_failed: (c) => (anyFailed(c) ? "upstream_failed" : !allEnded(c) ? "wait" : "run"),
  none_failed_min_one_success: (c) =>
    anyFailed(c) ? "upstream_failed" : !allEnded(c) ? "wait" : c.succeeded > 0 ? "run" : "skipped",
  none_skipped: (c) => (c.skipped > 0 ? "skipped" : !allEnded(c) ? "wait" : "run"),
  all_skipped: (c) => (c.succeeded + c.failed + c.upstreamFailed > 0 ? "skipped" : !allEnded(c) ? "wait" : "run"),
  always: () => "run",
} as const satisfies Record<TriggerRule, (counts: UpstreamCounts) => RuleVerdict>;
