import { PRESETS, type ScheduleManifest } from "../core/schedule.ts";
import { didYouMean } from "./nearest.ts";
import { refusal } from "./refusal.ts";
import { EventTrigger } from "./event-trigger.ts";
import { ScheduleRule } from "./schedule-rule.ts";

/** A schedule that a word is enough for. Its windows are calendar units in UTC; `@once` and `@continuous` start when enabled. */
export type Preset = (typeof PRESETS)[number];

/** What starts a workflow: a preset, what `daily`, `cron`, `every` and the like made, or something that happens: `onAsset`, `onEvent`, `onRun`, `onFile`, `onPoll`. */
export type Schedule = Preset | ScheduleRule | EventTrigger;

/** @throws TuttiError `BAD_SCHEDULE`, `DUPLICATE_SCHEDULE` */
export function readSchedules(given: unknown, what: string): ScheduleManifest[] {
  const schedules = listOf(given)
    .filter((one) => !(one instanceof EventTrigger))
    .map((one, place) => readSchedule(one, place === 0 ? "schedule" : `schedule_${place + 1}`, what));
  const names = schedules.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw refusal("DUPLICATE_SCHEDULE", `${what} has two schedules named "${twice}". Give one of them another name.`);
  return schedules;
}

/** The triggers among them. */
export const triggersIn = (given: unknown): EventTrigger[] =>
  listOf(given).filter((one): one is EventTrigger => one instanceof EventTrigger);

const listOf = (given: unknown): readonly unknown[] =>
  given === undefined ? [] : Array.isArray(given) ? (given as unknown[]) : [given];

/** @throws TuttiError `BAD_SCHEDULE` */
export function readSchedule(given: unknown, byPlace: string, what: string): ScheduleManifest {
  if (given instanceof ScheduleRule) return given.manifest(byPlace);
  if ((PRESETS as readonly unknown[]).includes(given))
    return { name: byPlace, kind: "preset", preset: given as Preset, timezone: "UTC" };
  if (given instanceof EventTrigger)
    throw refusal(
      "BAD_SCHEDULE",
      `${what}: ${given.manifest([]).name} is a trigger: it has no windows and no times to come.`,
    );
  const shown = typeof given === "string" ? `"${given}"` : `a ${given === null ? "null" : typeof given}`;
  const hint = typeof given === "string" ? didYouMean(given, PRESETS) : "";
  throw refusal(
    "BAD_SCHEDULE",
    `${what}: ${shown} is no schedule.${hint} Write one of ${PRESETS.join(", ")}, or daily({ at }), cron("* * * * *"), every("90m"), or a list of these.`,
  );
}
