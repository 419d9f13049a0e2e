import type { LogLine } from "../../runtime/protocol.ts";

/**
 * Where lines of one task run stand in a segment, and over how many bytes; lines of others may stand between. One line of the index, as
 * JSON, in the order of where each begins.
 */
export type IndexEntry = readonly [taskRunId: number, claim: number, offset: number, length: number];

/** What lies between two stretches of a segment is read with them, unless it is more. */
export const NEAR_BYTES = 16 * 1024;

/** One line of a segment. The run is in the folder's name. */
export const formatLine = ({ taskRunId, claim, at, level, source, message, fields }: LogLine): string =>
  `${JSON.stringify({ task: taskRunId, claim, at, level, source, message, ...(fields === null ? {} : { fields }) })}\n`;

/** `null`: half a line, as a process that was killed leaves it. */
export function parseLine(text: string, runId: string): LogLine | null {
  try {
    const { task, claim, at, level, source, message, fields } = JSON.parse(text) as Omit<
      LogLine,
      "taskRunId" | "runId"
    > & { task: number };
    return { taskRunId: task, claim, runId, at, level, source, message, fields: fields ?? null };
  } catch {
    return null;
  }
}

export function parseEntry(text: string): IndexEntry | null {
  try {
    const entry = JSON.parse(text) as unknown;
    return Array.isArray(entry) && entry.length === 4 && entry.every((each) => typeof each === "number")
      ? (entry as unknown as IndexEntry)
      : null;
  } catch {
    return null;
  }
}
