/** Every state a task run can be in, in the order a healthy one visits them. The words of code, tables, CLI and docs. */
export const TASK_RUN_STATES = [
  "waiting", // for its upstream
  "queued", // ready; the next free slot takes it
  "running", // claimed by one worker
  "deferred", // gave its slot back until something wakes it
  "up_for_retry", // failed, tries left, waiting out its delay
  "succeeded",
  "failed",
  "skipped", // by its own code, a branch, or a trigger rule that can no longer be met
  "upstream_failed", // what it needed failed; never executed
  "cancelled",
  "removed", // a map index or task that no longer exists after a re-run
] as const;

export type TaskRunState = (typeof TASK_RUN_STATES)[number];

/** The whole state machine within one generation. SQL guards, the UI's legend and the docs' diagram are derived from it. */
export const TASK_RUN_TRANSITIONS = {
  // → failed: a map that cannot be built (unequal lists, no list, wider than its limit).
  waiting: ["queued", "succeeded", "failed", "skipped", "upstream_failed", "cancelled", "removed"],
  // → failed, skipped: a limit never lets it run.
  queued: ["running", "failed", "skipped", "cancelled", "removed"],
  running: ["succeeded", "failed", "skipped", "cancelled", "deferred", "up_for_retry", "queued", "removed"],
  deferred: ["queued", "failed", "skipped", "cancelled", "removed"],
  up_for_retry: ["queued", "cancelled", "removed"],
  succeeded: ["removed"],
  failed: ["removed"],
  skipped: ["removed"],
  upstream_failed: ["removed"],
  cancelled: ["removed"],
  removed: [],
} as const satisfies Record<TaskRunState, readonly TaskRunState[]>;

/** What a user, or a group's retry policy, may do to an ended task run: it opens a new generation. */
export const TASK_RUN_REOPENINGS = [
  "waiting",
  "queued",
  "succeeded",
  "failed",
  "skipped",
] as const satisfies readonly TaskRunState[];

export const ENDED_TASK_RUN_STATES = [
  "succeeded",
  "failed",
  "skipped",
  "upstream_failed",
  "cancelled",
  "removed",
] as const satisfies readonly TaskRunState[];

export const isEndedTaskRun = (state: TaskRunState): boolean =>
  (ENDED_TASK_RUN_STATES as readonly TaskRunState[]).includes(state);

export const canTransition = (from: TaskRunState, to: TaskRunState): boolean =>
  (TASK_RUN_TRANSITIONS[from] as readonly TaskRunState[]).includes(to);
