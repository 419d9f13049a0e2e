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
