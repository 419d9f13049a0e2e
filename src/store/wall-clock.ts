import type { Clock } from "../core/clock.ts";

/** The clock of the system as it is set now: it jumps when somebody sets it. Schedules go by it; durations must not. */
export const wallClock: Clock = { now: () => Date.now() * 1000 };
