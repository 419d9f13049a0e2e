import type { LogLine } from "../../runtime/protocol.ts";

/** Lines of one task run that stand side by side in a segment: where, and how many bytes. One line of the index, as JSON. */
export type IndexEntry = readonly [taskRunId: number, claim: number, offset: number, length: number];

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
