import { dateFromInstant, type Instant } from "./clock.ts";

/** An instant as JSON documents hold it: ISO 8601 in UTC, to the millisecond. */
export const momentText = (instant: Instant): string => dateFromInstant(instant).toISOString();

export const momentOrNull = (instant: Instant | null): string | null => (instant === null ? null : momentText(instant));
