import { formatDuration } from "../../core/duration.ts";
import type { ScheduleManifest } from "../../core/schedule.ts";

/** `daily at 06:00 America/New_York` */
export function scheduleText(schedule: ScheduleManifest): string {
  if (schedule.kind === "every") return `every ${formatDuration(schedule.everyMs)} from ${schedule.anchor}`;
  const zone = schedule.timezone === "UTC" ? "" : ` ${schedule.timezone}`;
  if (schedule.kind === "preset") return schedule.preset + zone;
  return schedule.kind === "daily" ? `daily at ${schedule.at}${zone}` : `cron ${schedule.expression}${zone}`;
}
