import { workflowContracts } from "../../api/workflow-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { parseMoment } from "../../core/local-date.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { timezoneOf } from "../../core/schedule.ts";
import { jitterKey, jitterOf } from "../../core/schedule-fire.ts";
import { comingRuns } from "../../core/schedule-preview.ts";
import { TimeZone } from "../../core/time-zone.ts";
import { wallClock } from "../../store/wall-clock.ts";
import { on } from "../handler.ts";
import { knownNextFire } from "../next-fires.ts";
import { isWhole, PageCursor, sliced } from "../page-cursor.ts";

const MOST_WINDOWS = 10_000;
const MS = 1000;

const isPlace = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isWhole);

export const scheduleRoutes = [
  on(workflowContracts.schedules, async ({ query, caller }, { catalog, reader }) => {
    const workflows = new Map(
      (await catalog.list(caller))
        .filter(({ summary: { name } }) => query.workflow === undefined || query.workflow.includes(name))
        .map((each) => [each.summary.name, each]),
    );
    const records = await reader.listSchedules([...workflows.keys()]);
    const page = sliced(records, query, new PageCursor("schedules", query));
    return {
      ...page,
      items: page.items.map((record) => {
        const { manifest } = workflows.get(record.workflow)!.version;
        const rule = manifest.schedules.find(({ name }) => name === record.name) ?? null;
        const { workflow, name, enabledSince, unfinished, active, held, cursor } = record;
        return {
          workflow,
          name,
          rule,
          paused: enabledSince === null,
          nextRun: enabledSince === null ? null : momentOrNull(knownNextFire(manifest, [record])),
          enabledSince: momentOrNull(enabledSince),
          unfinished,
          active,
          held,
          cursor,
        };
      }),
    };
  }),

  on(workflowContracts.preview, async ({ params, query, caller }, { catalog }) => {
    const { manifest } = (await catalog.get(params.workflow, caller)).version;
    const { name, schedules, start, end } = manifest;
    const afterMs = query.after === undefined ? wallClock.now() / MS : Date.parse(query.after);
    const { count = 10 } = query;
    const coming = schedules.flatMap((schedule) =>
      comingRuns({ schedule, start, end, lateMs: jitterOf(schedule, jitterKey(name, schedule)) }, afterMs, count).map(
        (each) => ({ ...each, schedule: schedule.name }),
      ),
    );
    return {
      items: coming
        .sort((a, b) => a.fireMs - b.fireMs)
        .slice(0, count)
        .map(({ schedule, fireMs, span }) => ({
          schedule,
          fireAt: momentText(fireMs * MS),
          window: { start: momentText(span.start * MS), end: momentText(span.end * MS) },
        })),
    };
  }),

  on(workflowContracts.windows, async ({ params, query, caller }, { catalog, reader }) => {
    const { summary, version } = await catalog.get(params.workflow, caller);
    const [first] = version.manifest.schedules;
    const asked = version.manifest.schedules.find(({ name }) => name === query.schedule);
    if (first === undefined || (query.schedule !== undefined && asked === undefined))
      throw new TuttiError(
        "WORKFLOW_NOT_REGISTERED",
        `Workflow "${summary.name}" has no schedule "${query.schedule ?? ""}".`,
      );
    const schedule = asked ?? first;
    const zone = TimeZone.of(timezoneOf(schedule));
    const { limit = MOST_WINDOWS } = query;
    const at = new PageCursor(`windows ${summary.name}`, query);
    // Several may begin at one moment: how many of them were there before.
    const [from, seen] = at.read(query.cursor, isPlace) ?? [parseMoment(query.from, zone) * MS, 0];
    const found = await reader.listWindows({
      workflow: summary.name,
      schedule: schedule.name,
      from,
      to: parseMoment(query.to, zone) * MS,
      limit: seen + limit + 1,
    });
    const windows = found.slice(seen, seen + limit);
    const last = windows.at(-1)?.startsAt;
    const atLast = found.slice(0, seen + limit).filter(({ startsAt }) => startsAt === last).length;
    return {
      next: found.length > seen + limit ? at.at([last!, atLast]) : null,
      items: windows.map((each) => ({
        schedule: each.schedule,
        start: each.start,
        end: each.end,
        startFold: each.startFold,
        endFold: each.endFold,
        timezone: each.timezone,
        startsAt: momentText(each.startsAt),
        state: each.state,
        run: each.runId,
        outcome: each.lastOutcome,
      })),
    };
  }),
];
