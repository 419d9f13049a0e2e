import { addMs, type Instant } from "./clock.ts";
import { nextTimeOfDay } from "./time-of-day.ts";
import { TimeZone } from "./time-zone.ts";

/**
 * How old an asset may be. `age`: no older than this. `by`: at this local time of each day it has been updated within that long before,
 * and if it was late, since.
 */
export type FreshnessManifest =
  | { readonly kind: "age"; readonly withinMs: number }
  | { readonly kind: "by"; readonly at: string; readonly timezone: string; readonly withinMs: number };

export const FRESHNESS_STATES = ["fresh", "late"] as const;

/** `at`: since when it is late, or when it will be if nothing comes. */
export interface Freshness {
  readonly state: (typeof FRESHNESS_STATES)[number];
  readonly at: Instant;
}

/** `since`: its last update; of an asset that never had one, when it was first heard of. */
export function freshnessOf(policy: FreshnessManifest, since: Instant, now: Instant): Freshness {
  const at = policy.kind === "age" ? addMs(since, policy.withinMs) : firstMissed(policy, since);
  return { state: at <= now ? "late" : "fresh", at };
}

/** The first of its times of the day for which an update is too old. */
function firstMissed({ at, timezone, withinMs }: FreshnessManifest & { kind: "by" }, since: Instant): Instant {
  return nextTimeOfDay(at, TimeZone.of(timezone), Math.floor(since / 1000) + withinMs + 1) * 1000;
}

/** As a person reads it in a list. */
export const freshnessText = (policy: FreshnessManifest): string =>
  policy.kind === "age" ? `no older than ${spanText(policy.withinMs)}` : `by ${policy.at} ${policy.timezone}`;

function spanText(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 48 && Number.isInteger(hours / 24)) return `${hours / 24} days`;
  return hours >= 1 ? `${Number(hours.toFixed(1))} h` : `${Number((ms / 60_000).toFixed(1))} min`;
}
