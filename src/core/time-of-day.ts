import type { TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;

/** The first moment at or after `ms` at which the clocks of the zone show a time of the day, `"08:00"`; in a spring gap, the first after the gap. */
export function nextTimeOfDay(time: string, zone: TimeZone, ms: number): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const midnight = Math.floor(zone.localOf(ms) / DAY_MS) * DAY_MS;
  for (let day = midnight; ; day += DAY_MS) {
    const at = zone.lastInstantOf(day + (hours * 60 + minutes) * 60_000);
    if (at >= ms) return at;
  }
}
