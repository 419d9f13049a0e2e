import { systemClock } from "../../core/clock.ts";
import { parseMoment } from "../../core/local-date.ts";
import { type ScheduleManifest, timezoneOf } from "../../core/schedule.ts";
import { jitterKey, jitterOf } from "../../core/schedule-fire.ts";
import { type ComingWindow, comingRuns } from "../../core/schedule-preview.ts";
import { clockChangeWords } from "../../core/schedule-words.ts";
import { TimeZone } from "../../core/time-zone.ts";
import { isHere } from "../../owner/any-place.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { findTarget } from "../find-target.ts";
import type { Output } from "../output/output.ts";
import { scheduleText } from "../../core/schedule-text.ts";
import { UsageError } from "../usage-error.ts";
import { scheduleExpression } from "./schedule-expression.ts";

const MOST = 100_000;

export const schedule = defineCommand({
  name: "schedule",
  description: "Show the runs that a schedule will make",
  args: {
    action: { type: "positional", description: "preview", required: true },
    target: { type: "positional", description: "a workflow, or an expression in quotes", required: true },
    timezone: {
      type: "string",
      description: "Zone of the expression; of a workflow, the one to show. Default: UTC",
      valueHint: "zone",
    },
    after: { type: "string", description: "Runs that fire after this. Default: now", valueHint: "date or moment" },
    count: { type: "string", description: "How many. Default: 10", valueHint: "n" },
    file: { type: "string", description: "The workflow of this pipeline file", valueHint: "path" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti schedule preview retail_pipeline", "when it runs next, and for which windows"],
    [
      'tutti schedule preview "30 2 * * *" --timezone Europe/Berlin --after 2026-03-28',
      "what a clock change does to it",
    ],
    [
      'tutti schedule preview "every 90m" --count 3 --json',
      "also @weekly, FREQ=WEEKLY;BYDAY=MO, and several cron expressions with ; between",
    ],
  ],
  async run(args, context) {
    const { out } = context;
    if (args.action !== "preview")
      throw new UsageError(`"tutti schedule" can "preview", not "${args.action}". Run: tutti schedule --help`);
    const count = readCount(args.count);
    const placed = await placedSchedules(args.target, args.timezone, args.file, context);
    const zone = args.timezone === undefined ? null : TimeZone.of(args.timezone);
    const runs = placed.flatMap((each) => {
      const own = zone ?? TimeZone.of(timezoneOf(each.schedule));
      const after = args.after === undefined ? systemClock.now() / 1000 : parseMoment(args.after, own);
      return comingRuns(each, after, count).map((coming) => ({ ...coming, schedule: each.schedule, zone: own }));
    });
    const first = runs.sort((a, b) => a.fireMs - b.fireMs).slice(0, count);
    if (args.json) out.json(first.map((run) => document(run, placed.length > 1)));
    else
      print(
        out,
        placed.map((each) => each.schedule),
        first,
      );
    return STATUS.succeeded;
  },
});

interface ShownRun extends ComingWindow {
  readonly schedule: ScheduleManifest;
  readonly zone: TimeZone;
}

function readCount(text = "10"): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= MOST) return count;
  throw new UsageError(`"--count ${text}" must be a whole number from 1 to ${MOST}.`);
}

async function placedSchedules(
  target: string,
  timezone: string | undefined,
  file: string | undefined,
  context: CommandContext,
) {
  const expression = file === undefined ? scheduleExpression(target, timezone) : null;
  if (expression !== null) return [{ schedule: expression, start: null, end: null, lateMs: 0 }];
  const { configOf } = await import("../config-of.ts");
  const config = await configOf(context);
  const { manifest } = isHere(config)
    ? (await findTarget(target, config, file, context.cwd)).version
    : await (await import("../latest-version.ts")).latestVersion(config, target);
  const { name, schedules, start, end } = manifest;
  if (schedules.length === 0) throw new UsageError(`Workflow "${name}" has no schedule: it is started by hand.`);
  return schedules.map((each) => ({ schedule: each, start, end, lateMs: jitterOf(each, jitterKey(name, each)) }));
}

const document = ({ span, fireMs, schedule: { name } }: ShownRun, several: boolean): object => ({
  ...(several ? { schedule: name } : {}),
  fireAt: new Date(fireMs).toISOString(),
  window: { start: new Date(span.start).toISOString(), end: new Date(span.end).toISOString() },
});

function print(out: Output, schedules: readonly ScheduleManifest[], runs: readonly ShownRun[]): void {
  for (const each of schedules)
    out.line(out.style("dim", schedules.length > 1 ? `${each.name}: ${scheduleText(each)}` : scheduleText(each)));
  if (runs.length === 0) return out.line("No run is to come.");
  for (const run of runs) {
    const { span, fireMs, zone } = run;
    const window =
      span.start === span.end ? "at that moment" : `${localText(span.start, zone)} … ${localText(span.end, zone)}`;
    const whose = schedules.length > 1 ? `  ${run.schedule.name}` : "";
    out.line(`${out.style("bold", localText(fireMs, zone))}  ${window}${whose}`);
    for (const words of clockChangeWords(run.schedule, run)) out.line(`  ${out.style("yellow", "!")} ${words}`);
  }
}

/** `2026-03-29 03:00 +02:00`, with seconds where there are any. */
function localText(ms: number, zone: TimeZone): string {
  const text = new Date(zone.localOf(ms)).toISOString();
  const offset = zone.offsetAt(ms);
  const time = text.slice(11, text.endsWith(":00.000Z") ? 16 : text.endsWith(".000Z") ? 19 : 23);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `${text.slice(0, 10)} ${time} ${offset < 0 ? "-" : "+"}${parts.join(":")}`;
}
