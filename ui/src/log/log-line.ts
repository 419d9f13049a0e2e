import type { Answer } from "../../../src/client/index.ts";
import { LOG_LEVELS, type LogLevel } from "../words/log-level.ts";

export type LogLine = Answer<"get", "/api/runs/{run}/logs">["items"][number];

/** Which lines of a run. */
export interface LogFilter {
  readonly task?: string | undefined;
  readonly mapIndex?: number | undefined;
  readonly attempt?: number | undefined;
  readonly level?: LogLevel | undefined;
  readonly q?: string | undefined;
}

/** The same rule as the server's, for lines that come by themselves. */
export const isWanted = (line: LogLine, { task, mapIndex, attempt, level, q }: LogFilter): boolean =>
  (task === undefined || line.task === task) &&
  (mapIndex === undefined || line.mapIndex === mapIndex) &&
  (attempt === undefined || line.attempt === attempt) &&
  (level === undefined || LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(level)) &&
  (q === undefined || line.message.toLowerCase().includes(q.toLowerCase()));

/** Of what a task wrote only some lines are wanted. */
export const isNarrowed = ({ level, q }: LogFilter): boolean => level !== undefined || (q !== undefined && q !== "");

export const queryOf = ({ task, mapIndex, attempt, level, q }: LogFilter) => ({
  ...(task === undefined ? {} : { task }),
  ...(mapIndex === undefined ? {} : { mapIndex }),
  ...(attempt === undefined ? {} : { attempt }),
  ...(level === undefined ? {} : { level }),
  ...(q === undefined || q === "" ? {} : { q }),
});
