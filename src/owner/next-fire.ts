import { type Instant, systemClock } from "../core/clock.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import { decideOwed } from "../core/schedule-owed.ts";
import type { ScheduleView } from "../store/store-view.ts";

/**
 * When a workflow's schedules start a run next: a moment that has passed means that it waits, for its turn or for a scheduler. `null`: never,
 * as long as nothing changes. `records`: as the store knows them; without any, as if it were registered now.
 */
export function nextFire(
  { name, schedules, start, end, catchup }: WorkflowManifest,
  records: readonly Pick<ScheduleView, "name" | "cursor" | "enabledSince" | "unfinished">[],
  now: Instant = systemClock.now(),
): Instant | null {
  const moments = schedules.flatMap((schedule) => {
    const record = records.find((each) => each.name === schedule.name);
    if (records.length > 0 && record === undefined) return [];
    const { decided, next } = decideOwed(
      {
        workflow: name,
        schedule,
        start,
        end,
        catchup: catchup === true,
        cursor: record?.cursor ?? null,
        now,
        enabledSince: record === undefined ? now : record.enabledSince,
        upSince: now,
        unfinished: record?.unfinished ?? 0,
      },
      1,
    );
    const first = decided.find(({ state }) => state === "run") ?? next;
    return first === null ? [] : [first.fireAt];
  });
  return moments.length === 0 ? null : Math.min(...moments);
}
