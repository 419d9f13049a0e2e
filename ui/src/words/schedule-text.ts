import type { ScheduleManifest } from "../../../src/core/schedule.ts";
import { durationText } from "./duration-text.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** A schedule in a few words: `daily at 06:00, Europe/London`. */
export function scheduleText(schedule: ScheduleManifest): string {
  const zone = "timezone" in schedule && schedule.timezone !== undefined ? `, ${schedule.timezone}` : "";
  return `${ruleText(schedule)}${zone}`;
}

function ruleText(rule: ScheduleManifest): string {
  switch (rule.kind) {
    case "preset":
      return rule.preset;
    case "hourly":
      return `hourly at minute ${rule.minute}`;
    case "daily":
      return `daily at ${rule.at}`;
    case "weekly":
      return `weekly on ${WEEKDAYS[rule.on] ?? rule.on} at ${rule.at}`;
    case "monthly":
      return `monthly on day ${rule.on} at ${rule.at}`;
    case "quarterly":
    case "yearly":
      return `${rule.kind} at ${rule.at}`;
    case "cron":
      return rule.expressions.join(" and ");
    case "every":
      return `every ${durationText(rule.everyMs)}`;
    case "every_days":
      return `every ${rule.days} days`;
    case "rrule":
      return rule.rule;
    case "dates":
      return `on ${rule.dates.length} dates`;
  }
}
