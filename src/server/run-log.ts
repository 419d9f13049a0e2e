import type { Static } from "typebox";
import { LOG_LEVELS, type LogLine as LogLineSchema } from "../api/log-contracts.ts";
import { momentText } from "../core/moment-text.ts";
import { LogPages } from "../engine/logs/log-pages.ts";
import type { LineFilter, RunLog } from "../engine/logs/log-source.ts";
import type { Places } from "./run-places.ts";
import type { ServerContext } from "./server-context.ts";

export type LineDocument = Static<typeof LogLineSchema>;
type Line = Parameters<LineFilter["wants"]>[0];

/** Where lines stand in the long logs that were looked at last: a cache, which may be lost. */
export const LOG_PAGES = new LogPages();

export const logOf = (runId: string, { config }: Pick<ServerContext, "config">): RunLog => ({
  dir: config.logsDir,
  store: config.logStore,
  runId,
});

/** As the API is asked for lines. */
interface WantedLines {
  readonly task?: string | undefined;
  readonly mapIndex?: number | undefined;
  readonly taskRun?: number | undefined;
  readonly attempt?: number | undefined;
  readonly level?: (typeof LOG_LEVELS)[number] | undefined;
  readonly q?: string | undefined;
}

/** Which lines are wanted; `null`: all. */
export function lineFilter(
  { task, mapIndex, taskRun, attempt, level, q }: WantedLines,
  places: Places,
): LineFilter | null {
  const isOfTasks = [task, mapIndex, taskRun, attempt].some((each) => each !== undefined);
  if (!isOfTasks && level === undefined && q === undefined) return null;
  const least = level === undefined ? 0 : LOG_LEVELS.indexOf(level);
  const text = q?.toLowerCase();
  const wantsTask = (taskRunId: number, claim: number): boolean => {
    if (taskRun !== undefined && taskRunId !== taskRun) return false;
    if (attempt !== undefined && places.attemptOf(taskRunId, claim) !== attempt) return false;
    if (task === undefined && mapIndex === undefined) return true;
    const place = places.tasks.get(taskRunId);
    return (task === undefined || place?.task === task) && (mapIndex === undefined || place?.mapIndex === mapIndex);
  };
  return {
    wantsTask: isOfTasks ? wantsTask : null,
    wants: (line) =>
      LOG_LEVELS.indexOf(line.level) >= least &&
      (!isOfTasks || wantsTask(line.taskRunId, line.claim)) &&
      (text === undefined || line.message.toLowerCase().includes(text)),
  };
}

/** A line with the name of its task. */
export function lineDocument(line: Line, places: Places): LineDocument {
  const place = places.tasks.get(line.taskRunId);
  return {
    at: momentText(line.at),
    task: place?.task ?? null,
    mapIndex: place?.mapIndex ?? null,
    taskRunId: line.taskRunId,
    attempt: places.attemptOf(line.taskRunId, line.claim),
    claim: line.claim,
    level: line.level,
    source: line.source,
    message: line.message,
    fields: line.fields,
  };
}
