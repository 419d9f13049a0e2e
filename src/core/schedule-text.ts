import { formatDuration } from "./duration.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { type ScheduleManifest, timezoneOf } from "./schedule.ts";
import { triggerText } from "./trigger.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** All that starts a workflow by itself. */
export const startTexts = ({
  schedules,
  triggers = [],
}: Pick<WorkflowManifest, "schedules" | "triggers">): string[] => [
  ...schedules.map(scheduleText),
  ...triggers.map(triggerText),
];

/** `daily at 06:00 America/New_York` */
export function scheduleText(schedule: ScheduleManifest): string {
  const zone = timezoneOf(schedule) === "UTC" ? "" : ` ${timezoneOf(schedule)}`;
  return ruleText(schedule) + zone + (schedule.skip === undefined ? "" : " but for days left out");
}

function ruleText(schedule: ScheduleManifest): string {
  switch (schedule.kind) {
    case "preset":
      return schedule.preset;
    case "hourly":
      return `hourly at :${String(schedule.minute).padStart(2, "0")}`;
    case "daily":
      return `daily at ${schedule.at}`;
    case "weekly":
      return `weekly on ${WEEKDAYS[schedule.on]} at ${schedule.at}`;
    case "monthly":
      return `monthly on ${dayText(schedule.on)} at ${schedule.at}`;
    case "quarterly":
    case "yearly":
      return `${schedule.kind} on ${dayText(schedule.on)} of month ${schedule.month} at ${schedule.at}`;
    case "cron":
      return `cron ${schedule.expressions.join("; ")}`;
    case "every":
      return `every ${formatDuration(schedule.everyMs)} from ${schedule.anchor}`;
    case "every_days":
      return `every ${schedule.days === 1 ? "day" : `${schedule.days} days`} from ${schedule.anchor}`;
    case "rrule":
      return `rrule ${schedule.rule.replaceAll(/\s+/g, " ")}`;
    case "dates":
      return `${schedule.dates.length === 1 ? "1 date" : `${schedule.dates.length} dates`} from ${schedule.dates[0]}`;
  }
}

const dayText = (day: number): string => (day === 31 ? "the last day" : `day ${day}`);
