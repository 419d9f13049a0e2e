import { CronRule } from "./cron.ts";
import { TuttiError } from "./errors.ts";
import { parseMoment } from "./local-date.ts";
import { TimeZone } from "./time-zone.ts";

/** The schedules that need no more than a name. A week begins on Sunday, as in Airflow. */
export const PRESETS = [
  "@hourly",
  "@daily",
  "@weekly",
  "@monthly",
  "@quarterly",
  "@yearly",
  "@once",
  "@continuous",
] as const;

/** A schedule as the manifest holds it. Windows are half-open; zones are IANA names. */
export type ScheduleManifest = { readonly name: string } & (
  | { readonly kind: "preset"; readonly preset: (typeof PRESETS)[number]; readonly timezone: string }
  | { readonly kind: "daily"; readonly at: string; readonly timezone: string }
  | { readonly kind: "cron"; readonly expression: string; readonly timezone: string }
  | { readonly kind: "every"; readonly everyMs: number; readonly anchor: string }
);

export const timezoneOf = (schedule: ScheduleManifest): string =>
  schedule.kind === "every" ? "UTC" : schedule.timezone;

/** @throws TuttiError `BAD_SCHEDULE`, `BAD_CRON`, `BAD_TIMEZONE`, or `BAD_DATE` for an anchor. */
export function checkSchedule(schedule: ScheduleManifest): void {
  const zone = TimeZone.of(timezoneOf(schedule));
  switch (schedule.kind) {
    case "preset":
      if (!PRESETS.includes(schedule.preset))
        throw badSchedule(
          `${JSON.stringify(schedule.preset)} is not a schedule. Use one of ${PRESETS.join(" ")}, or daily(…), cron(…), every(…).`,
        );
      return;
    case "daily":
      if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(schedule.at))
        throw badSchedule(`${JSON.stringify(schedule.at)} is not a time of day. Write it like "06:00".`);
      return;
    case "cron":
      void new CronRule(schedule.expression, schedule.timezone);
      return;
    case "every":
      if (!(Number.isSafeInteger(schedule.everyMs) && schedule.everyMs > 0))
        throw badSchedule(
          `An interval of ${schedule.everyMs} ms never ends. It must be longer than zero, e.g. every("90m").`,
        );
      parseMoment(schedule.anchor, zone);
  }
}

const badSchedule = (message: string): TuttiError => new TuttiError("BAD_SCHEDULE", message);
