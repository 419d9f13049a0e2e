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

const UNITS = [
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** In the largest unit of which it is at least one; from two days on, whole days are days. */
function spanText(ms: number): string {
  const days = ms / 86_400_000;
  if (days >= 2 && Number.isInteger(days)) return `${days} days`;
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? UNITS[UNITS.length - 1]!;
  return `${Number((ms / unitMs).toFixed(1))} ${unit}`;
}
