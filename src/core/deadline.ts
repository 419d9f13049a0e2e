import type { DeadlineManifest } from "./alert-plan.ts";
import { addMs, type Instant } from "./clock.ts";
import { nextTimeOfDay } from "./time-of-day.ts";
import { TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;

/** What a deadline is reckoned from. */
export interface DeadlineOf {
  /** Of the run's window. */
  readonly intervalEnd: Instant;
  readonly createdAt: Instant;
}

/**
 * When a run is late. `null`: never. A time of the day that had passed more than a day before the run was made says nothing about it: such
 * runs make good what was missed long ago.
 */
export function lateAt(deadline: DeadlineManifest, { intervalEnd, createdAt }: DeadlineOf): Instant | null {
  if (deadline.kind === "within") return addMs(createdAt, deadline.withinMs);
  const at = nextTimeOfDay(deadline.at, TimeZone.of(deadline.timezone), intervalEnd / 1000) * 1000;
  return at < addMs(createdAt, -DAY_MS) ? null : at;
}
