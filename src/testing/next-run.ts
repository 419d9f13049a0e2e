import { readEdges } from "../authoring/edges.ts";
import { knownOptions } from "../authoring/known-options.ts";
import { readSchedule, type Schedule } from "../authoring/schedule.ts";
import { momentMs, type ScheduledRun } from "../authoring/schedule-preview.ts";
import { dateFromInstant } from "../core/clock.ts";
import { type ScheduleManifest, timezoneOf } from "../core/schedule.ts";
import { localWindow } from "../core/schedule-cursor.ts";
import { decideOwed, ruleText } from "../core/schedule-owed.ts";
import { TimeZone } from "../core/time-zone.ts";
import type { Window } from "../core/window.ts";

/** Where a schedule stands. Moments without an offset are local to its zone. */
export interface NextRunFacts {
  /** Default: the present moment. */
  readonly now?: string | Date | null;
  /** The last window that was decided; no scheduler was up since. Default: none, the workflow is enabled right now. */
  readonly last?: { readonly start: string | Date; readonly end: string | Date } | null;
  /** As of a workflow. Default: none. */
  readonly start?: string | Date | null;
  /** As of a workflow. Default: none. */
  readonly end?: string | Date | null;
  /** As of a workflow. Default: `false`. */
  readonly catchup?: boolean;
}

/**
 * The next run that a scheduler which starts now would make of a schedule: one that is owed already, or else the one to come. `null`:
 * there is none any more.
 *
 * @throws TuttiError `BAD_SCHEDULE`, `BAD_DATE`, `UNKNOWN_OPTION`
 * @example
 * const last = { start: "2025-08-10", end: "2025-08-11" };
 * expect(nextRun("@daily", { now: "2025-08-13T09:00Z", last, catchup: true })?.fireAt).toEqual(new Date("2025-08-12T00:00Z"));
 */
export function nextRun(schedule: Schedule, facts: NextRunFacts = {}): ScheduledRun | null {
  const what = "nextRun(…)";
  const given = knownOptions(facts, ["now", "last", "start", "end", "catchup"], what);
  const manifest = readSchedule(schedule, "schedule", what);
  const now = momentMs(given.now ?? new Date(), manifest, `${what}: option "now"`) * 1000;
  const cursor = given.last ? cursorAt(manifest, given.last, what) : null;
  const edges = readEdges({ start: given.start ?? undefined, end: given.end ?? undefined }, [manifest], what);
  const { decided, next } = decideOwed(
    {
      workflow: "",
      schedule: manifest,
      ...edges,
      catchup: given.catchup ?? false,
      cursor: cursor?.cursor ?? null,
      now,
      enabledSince: cursor?.endedAt ?? now,
      upSince: now,
      unfinished: 0,
    },
    1,
  );
  const run = decided.find(({ state }) => state === "run") ?? next;
  return run === null ? null : scheduled(run);
}

function cursorAt(schedule: ScheduleManifest, last: NonNullable<NextRunFacts["last"]>, what: string) {
  const [start, end] = (["start", "end"] as const).map((edge) =>
    momentMs(last[edge], schedule, `${what}: option "last.${edge}"`),
  );
  const local = localWindow({ start: start!, end: end! }, TimeZone.of(timezoneOf(schedule)));
  return { cursor: { schedule: schedule.name, rule: ruleText(schedule), ...local }, endedAt: end! * 1000 };
}

const scheduled = ({ window, fireAt }: { readonly window: Window; readonly fireAt: number }): ScheduledRun => ({
  fireAt: dateFromInstant(fireAt),
  window: { start: dateFromInstant(window.start), end: dateFromInstant(window.end) },
});
