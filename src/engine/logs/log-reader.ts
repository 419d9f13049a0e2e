import type { LogLine } from "../../runtime/protocol.ts";
import { byTime } from "./by-time.ts";
import { lastLines } from "./last-lines.ts";
import { parseLine } from "./log-entry.ts";
import type { LineFilter, LogSource, RunLog } from "./log-source.ts";
import { MergedLines } from "./merged-lines.ts";
import { closeSources, openSources, withSources } from "./open-sources.ts";
import { wholeLog } from "./whole-log.ts";

/** A look at a store is a request. */
const STORE_EVERY_MS = 1_000;
/** Somebody who looks for the last lines reads no more of a log. */
const MOST_LAST_BYTES = 32 * 1024 * 1024;
const PART_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Which lines of a run. */
export interface LogFilter {
  /** One task run's. Default: all. */
  readonly taskRunId?: number;
  /** One attempt's, by its claim. Default: all. */
  readonly claim?: number;
  /** Those of these task runs. Default: all. */
  readonly taskRuns?: ReadonlySet<number>;
  /** Lines that hold this text, whatever its case. Default: all. */
  readonly text?: string;
}

export interface FollowOptions extends LogFilter {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** How often the files are looked at. Default: 200. */
  readonly everyMs?: number;
  /** Only what comes from now on. Default: false. */
  readonly onlyNew?: boolean;
  /** How far it has been read, by the name of the worker's segment: only what stands behind. Default: nothing has been. */
  readonly after?: ReadonlyMap<string, number>;
}

/**
 * Reads what workers have written, from any process, while they write. One task's lines are read without the others', and a log of any
 * length with some megabytes of memory.
 */
export class LogReader {
  readonly #dir: string;
  readonly #store: string | null;

  /** @param dir The folder of logs. @param store The URL of where workers on other machines send theirs; `null`: nowhere. */
  constructor(dir: string, store: string | null = null) {
    this.#dir = dir;
    this.#store = store;
  }

  /** Each line that is there now, in the order of time. None for a run that said nothing, or that does not exist. */
  lines(runId: string, filter: LogFilter = {}): AsyncGenerator<LogLine, void> {
    return byTime(wholeLog(this.#log(runId), lineFilter(filter)));
  }

  /** All of them at once: of a log that is known to be short. */
  async read(runId: string, filter: LogFilter = {}): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of this.lines(runId, filter)) lines.push(line);
    return lines;
  }

  /** The last ones. */
  async last(runId: string, count: number, filter: LogFilter = {}): Promise<readonly LogLine[]> {
    const options = { filter: lineFilter(filter), maxBytes: MOST_LAST_BYTES, ends: null };
    const { lines } = await withSources(this.#log(runId), (sources) => lastLines(sources, runId, count, options));
    return lines;
  }

  /** What is there, and then what comes, until the signal aborts. */
  async *follow(
    runId: string,
    { signal, everyMs = 200, onlyNew = false, after, ...filter }: FollowOptions,
  ): AsyncGenerator<LogLine, void> {
    const log = this.#log(runId);
    const wanted = lineFilter(filter);
    const places = new Map(after);
    let lookedAt = Number.NEGATIVE_INFINITY;
    for (let first = true; ; first = false) {
      // Looked at before reading: what is written up to the abort is still told.
      const last = signal.aborted;
      const looks = last || performance.now() - lookedAt >= STORE_EVERY_MS;
      if (looks) lookedAt = performance.now();
      const sources = await openSources(looks ? log : { ...log, store: null });
      try {
        if (first && onlyNew) for (const source of sources) places.set(source.name, await endOfLines(source));
        else yield* byTime(newLines(sources, runId, places, wanted));
      } finally {
        await closeSources(sources);
      }
      if (last) return;
      await pause(everyMs, signal);
    }
  }

  #log(runId: string): RunLog {
    return { dir: this.#dir, store: this.#store, runId };
  }
}

/** Behind the places, which go on with them. */
async function* newLines(
  sources: readonly LogSource[],
  runId: string,
  places: Map<string, number>,
  wanted: LineFilter | null,
): AsyncGenerator<LogLine, void> {
  const from = (name: string): number => places.get(name) ?? 0;
  const grown = sources.filter(({ name, size }) => size > from(name));
  if (grown.length === 0) return;
  const merged = new MergedLines(grown, { from });
  try {
    for (let text = await merged.next(); text !== null; text = await merged.next()) {
      const line = parseLine(text.toString("utf8"), runId);
      if (line !== null && wanted?.wants(line) !== false) yield line;
    }
  } finally {
    for (const [name, place] of merged.offsets) places.set(name, place);
    await merged.close();
  }
}

/** Behind the last whole line. */
async function endOfLines(source: LogSource): Promise<number> {
  for (let to = source.size; to > 0;) {
    const from = Math.max(0, to - PART_BYTES);
    const at = (await source.read(from, to - from)).lastIndexOf(NEWLINE);
    if (at !== -1) return from + at + 1;
    to = from;
  }
  return 0;
}

/** `null`: all are wanted. */
function lineFilter({ taskRunId, claim, taskRuns, text }: LogFilter): LineFilter | null {
  const isOfTasks = taskRunId !== undefined || claim !== undefined || taskRuns !== undefined;
  if (!isOfTasks && text === undefined) return null;
  const held = text?.toLowerCase();
  const wantsTask = (id: number, its: number): boolean =>
    (taskRunId === undefined || id === taskRunId) &&
    (claim === undefined || its === claim) &&
    taskRuns?.has(id) !== false;
  return {
    wantsTask: isOfTasks ? wantsTask : null,
    wants: (line) =>
      wantsTask(line.taskRunId, line.claim) && (held === undefined || line.message.toLowerCase().includes(held)),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
