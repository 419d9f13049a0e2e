import type { LogLine } from "../../runtime/protocol.ts";
import { parseLine } from "./log-entry.ts";
import type { LineFilter, LogSource } from "./log-source.ts";
import type { Offsets } from "./merged-lines.ts";

const NEWLINE = 10;
const PART_BYTES = 256 * 1024;

interface LastLinesOptions {
  /** `null`: all are wanted. */
  readonly filter: LineFilter | null;
  /** Of all sources together, but for the last part of each. */
  readonly maxBytes: number;
  /** Where each ends, by its name; `null`: where it does. */
  readonly ends: Offsets | null;
}

/** The last lines of a log, by time, read backwards. `more`: it has not looked at all of it, and there may be others before. */
export async function lastLines(
  sources: readonly LogSource[],
  runId: string,
  count: number,
  { filter, maxBytes, ends }: LastLinesOptions,
): Promise<{ readonly lines: readonly LogLine[]; readonly more: boolean }> {
  let lines: LogLine[] = [];
  let more = false;
  for (const source of sources) {
    const end = ends?.get(source.name) ?? source.size;
    const limits = { count, maxBytes: maxBytes / sources.length };
    const own = await lastOf(source, end, limits, (text) => {
      const line = parseLine(text, runId);
      return line !== null && filter?.wants(line) !== false ? line : null;
    });
    more ||= own.more;
    lines = [...lines, ...own.lines].sort((a, b) => a.at - b.at).slice(-count);
  }
  return { lines, more };
}

async function lastOf(
  source: LogSource,
  end: number,
  { count, maxBytes }: { readonly count: number; readonly maxBytes: number },
  read: (text: string) => LogLine | null,
): Promise<{ readonly lines: readonly LogLine[]; readonly more: boolean }> {
  /** The newest first. */
  const found: LogLine[] = [];
  let to = end;
  while (to > 0 && found.length < count) {
    if (to < end && end - to >= maxBytes) return { lines: found.reverse(), more: true };
    const part = await partBefore(source, to);
    for (const text of part.texts) {
      const line = read(text);
      if (line !== null && found.push(line) === count) break;
    }
    to = part.from;
  }
  return { lines: found.reverse(), more: false };
}

/** Whole lines before a place, the last first, and where they begin. */
async function partBefore(
  source: LogSource,
  to: number,
): Promise<{ readonly texts: readonly string[]; readonly from: number }> {
  for (let length = PART_BYTES; ; length *= 4) {
    const from = Math.max(0, to - length);
    const bytes = await source.read(from, to - from);
    // The first line may begin before it, and the last one may be half.
    const begin = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (begin >= end && from > 0) continue;
    const texts = bytes.toString("utf8", begin, end).split("\n").slice(0, -1).reverse();
    return { texts, from: from + begin };
  }
}
