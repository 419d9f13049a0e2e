/** A moment: whole microseconds since 1970-01-01T00:00Z. The only form of time inside the code. */
export type Instant = number;

/** Where time comes from. Passed in everywhere; `core/` never reads one. */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = {
  now: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

export const instantFromDate = (date: Date): Instant => date.getTime() * 1000;
export const dateFromInstant = (instant: Instant): Date => new Date(instant / 1000);
export const addMs = (instant: Instant, ms: number): Instant => instant + Math.round(ms * 1000);
