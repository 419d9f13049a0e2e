import type { LogLine } from "../../runtime/protocol.ts";
import { lastLines } from "./last-lines.ts";
import { parseLine } from "./log-entry.ts";
import { LogPlaces } from "./log-places.ts";
import type { LineFilter, LogSource, RunLog } from "./log-source.ts";
import { MergedLines, type Offsets } from "./merged-lines.ts";
import { withSources } from "./open-sources.ts";

/** Logs whose places are kept. */
const MOST_LOGS = 64;
/** A page reads no more, however few of its lines are wanted: the next one goes on. */
const MOST_BYTES = 32 * 1024 * 1024;

interface LogAsk {
  /** The place of the first line, from 0, or where each source begins, by its name. */
  readonly from: number | ((name: string) => number);
  /** So many of the wanted lines are stepped over first. Default: 0. */
  readonly left?: number;
  readonly limit: number;
  /** Default: all lines. With it, places count the lines that are wanted. */
  readonly filter?: LineFilter | null;
}

/** Lines, and where the next page begins. It may be empty, and not the last. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly next: Offsets;
  /** How many of the wanted lines come before the one that was asked for, from there. */
  readonly left: number;
  /** There is more to be read now. */
  readonly more: boolean;
}

/** The lines of a run, a page at a time: a log of any length, by any number of workers, is read with some megabytes of memory. */
export class LogPages {
  readonly #known = new Map<string, LogPlaces>();
  readonly #maxBytes: number;

  /** `maxBytes`: what a page reads at most, but for what each worker wrote first. */
  constructor(maxBytes: number = MOST_BYTES) {
    this.#maxBytes = maxBytes;
  }

  async page(log: RunLog, { from, left = 0, limit, filter = null }: LogAsk): Promise<LogPage> {
    return withSources(log, async (sources) => {
      const begin =
        typeof from === "function"
          ? { from, left }
          : filter === null
            ? await this.#find(log, sources, from)
            : { from: () => 0, left: from };
      const maxBytes = this.#maxBytes;
      const merged = new MergedLines(sources, { from: begin.from, wants: filter?.wantsTask ?? null, maxBytes });
      try {
        return await pageOf(merged, log.runId, { left: begin.left, limit, filter });
      } finally {
        await merged.close();
      }
    });
  }

  /** The last lines, by time. */
  async last(log: RunLog, count: number, filter: LineFilter | null = null) {
    return withSources(log, (sources) =>
      lastLines(sources, log.runId, count, { filter, maxBytes: this.#maxBytes, ends: null }),
    );
  }

  /** Where the log ends now: how many lines there are, the last of them, and from where what comes is read. */
  async end(log: RunLog, count: number) {
    return withSources(log, async (sources) => {
      const { offsets, lines: total } = await this.#placesOf(log, sources).end(sources);
      const options = { filter: null, maxBytes: this.#maxBytes, ends: offsets };
      const { lines } = await lastLines(sources, log.runId, count, options);
      return { total, lines, offsets };
    });
  }

  async #find(log: RunLog, sources: readonly LogSource[], line: number) {
    const { offsets, left } = await this.#placesOf(log, sources).find(sources, line);
    return { from: (name: string) => offsets.get(name) ?? 0, left };
  }

  #placesOf({ dir, store, runId }: RunLog, sources: readonly LogSource[]): LogPlaces {
    const key = JSON.stringify([dir, store, runId]);
    const known = this.#known.get(key);
    const places = known?.isOf(sources) === true ? known : new LogPlaces(sources);
    this.#known.delete(key);
    this.#known.set(key, places);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_LOGS) break;
      this.#known.delete(oldest);
    }
    return places;
  }
}

async function pageOf(
  merged: MergedLines,
  runId: string,
  { left: first, limit, filter }: Required<Pick<LogAsk, "left" | "limit" | "filter">>,
): Promise<LogPage> {
  const lines: LogLine[] = [];
  let left = filter === null ? first - (await merged.skip(first)) : first;
  while (lines.length < limit) {
    const text = await merged.next();
    if (text === null) break;
    const line = parseLine(text.toString("utf8"), runId);
    // What a process that was killed left half is no line.
    if (line === null || filter?.wants(line) === false) continue;
    if (left > 0) left -= 1;
    else lines.push(line);
  }
  const next = merged.offsets;
  return { lines, next, left, more: await merged.goesOn() };
}
