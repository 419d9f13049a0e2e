import { jitterKey, jitterOf } from "../core/schedule-fire.ts";
import { comingWindows, type ComingWindow } from "../core/schedule-preview.ts";
import type { Catalogued } from "./catalog.ts";

export interface ComingFire extends ComingWindow {
  readonly workflow: string;
  readonly schedule: string;
}

/** Whether its schedules start anything. */
export const fires = ({ summary: { deployed, retired, paused } }: Catalogued): boolean =>
  deployed && !retired && paused === null;

/** When the schedules of a workflow fire after one moment and up to another, in epoch milliseconds; no more than `most` of each. */
export function comingFires(found: Catalogued, afterMs: number, untilMs: number, most: number): ComingFire[] {
  const { name, schedules, start, end } = found.version.manifest;
  const coming: ComingFire[] = [];
  for (const schedule of schedules) {
    let left = most;
    const lateMs = jitterOf(schedule, jitterKey(name, schedule));
    for (const window of comingWindows({ schedule, start, end, lateMs }, afterMs)) {
      if (window.fireMs > untilMs || left-- === 0) break;
      coming.push({ ...window, workflow: name, schedule: schedule.name });
    }
  }
  return coming.sort((a, b) => a.fireMs - b.fireMs).slice(0, most);
}
