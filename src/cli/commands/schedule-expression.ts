import { didYouMean } from "../../authoring/nearest.ts";
import { PRESETS, type ScheduleManifest } from "../../core/schedule.ts";
import { readSchedule } from "../../authoring/schedule.ts";
import { cron, every, rrule } from "../../authoring/schedule-ticks.ts";
import { UsageError } from "../usage-error.ts";

/**
 * A schedule as it is typed: a preset, cron expressions with `;` between them, `every 90m`, or a recurrence rule. `null`: it looks like
 * none of these, so it is the name of a workflow.
 *
 * @throws TuttiError `BAD_CRON`, `BAD_DURATION`, `BAD_SCHEDULE`, `BAD_RRULE`, `BAD_TIMEZONE`; UsageError
 */
export function scheduleExpression(typed: string, timezone: string | undefined): ScheduleManifest | null {
  const text = typed.trim();
  const options = timezone === undefined ? {} : { timezone };
  const rule = /^every\s+(.+)$/i.exec(text);
  if (text.startsWith("@")) return preset(text.toLowerCase(), timezone);
  if (rule !== null) return every(rule[1]!, options).manifest("schedule");
  if (/(^|[\s:;])(FREQ=|RRULE:|RDATE)/i.test(text))
    return rrule(text.replaceAll("\\n", "\n"), options).manifest("schedule");
  if (!/\s/.test(text) && text !== "") return null;
  const expressions = text.split(";").map((each) => each.trim());
  return cron(expressions.length === 1 ? expressions[0]! : expressions, options).manifest("schedule");
}

function preset(text: string, timezone = "UTC"): ScheduleManifest {
  if (!(PRESETS as readonly string[]).includes(text))
    throw new UsageError(
      `"${text}" is no preset.${didYouMean(text, PRESETS)} There are: ${PRESETS.join(" ")}.`,
      "BAD_SCHEDULE",
    );
  const manifest = readSchedule(text, "schedule", "");
  return { ...manifest, timezone };
}
