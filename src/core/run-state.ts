/** Every state a run can be in. */
export const RUN_STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

export type RunState = (typeof RUN_STATES)[number];

/** The whole state machine within one generation; a user's retry opens a new one: an ended run → queued. */
export const RUN_TRANSITIONS = {
  queued: ["running", "cancelled"],
  running: ["succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<RunState, readonly RunState[]>;

export const isEndedRun = (state: RunState): boolean => RUN_TRANSITIONS[state].length === 0;
