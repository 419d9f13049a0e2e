import { formatDuration } from "../core/duration.ts";
import { TuttiError } from "../core/errors.ts";

/** More than networks and time servers explain. */
export const NOTABLE_SKEW_MS = 2_000;
/** With more than this a process would fire schedules and retries at the wrong minute: it does not start. */
export const REFUSED_SKEW_MS = 60_000;

/** A sentence about a clock that is off; `null`: it is not. */
export function skewText(whose: string, aheadMs: number): string | null {
  if (Math.abs(aheadMs) < NOTABLE_SKEW_MS) return null;
  return `${whose} is ${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} the clock of the store's server. Let a time service (NTP) set both.`;
}

/** @throws TuttiError `CLOCK_OFF` */
export function refuseSkew(aheadMs: number): void {
  if (Math.abs(aheadMs) < REFUSED_SKEW_MS) return;
  throw new TuttiError("CLOCK_OFF", `${skewText("The clock of this machine", aheadMs)} Nothing was started.`);
}
