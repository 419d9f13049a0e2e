import { parseMoment } from "../core/local-date.ts";
import { type ScheduleManifest, timezoneOf } from "../core/schedule.ts";
import { TimeZone } from "../core/time-zone.ts";
import { within } from "./known-options.ts";
import { refusal } from "./refusal.ts";

/** The edges of a workflow's windows, as the user wrote them. */
export interface Edges {
  readonly start: string | null;
  readonly end: string | null;
}

/** @throws TuttiError `BAD_DATE` */
export function readEdges(
  options: { readonly start?: string | Date; readonly end?: string | Date },
  schedules: readonly ScheduleManifest[],
  what: string,
): Edges {
  const start = readEdge(options.start, `${what}: option "start"`);
  const end = readEdge(options.end, `${what}: option "end"`);
  // What is local is local to each schedule's zone; the order of the two is the same in all of them, or nearly.
  const zone = TimeZone.of(schedules[0] === undefined ? "UTC" : timezoneOf(schedules[0]));
  if (start !== null && end !== null && parseMoment(end, zone) < parseMoment(start, zone))
    throw refusal("BAD_DATE", `${what}: "end" (${end}) is before "start" (${start}).`);
  return { start, end };
}

function readEdge(given: string | Date | undefined, what: string): string | null {
  if (given === undefined) return null;
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.toISOString();
  if (typeof given !== "string")
    throw refusal(
      "BAD_DATE",
      `${what} must be a date such as "2025-08-12", a moment such as "2025-08-12T06:00Z", or a valid Date.`,
    );
  within(what, () => parseMoment(given, TimeZone.of("UTC")));
  return given;
}
