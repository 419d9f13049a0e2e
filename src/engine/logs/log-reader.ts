import { open, readdir, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { LogLine } from "../../runtime/protocol.ts";
import { type IndexEntry, parseEntry, parseLine } from "./log-entry.ts";
import { INDEX, runLogFolder, SEGMENT } from "./log-place.ts";

/** Which lines of a run. */
export interface LogFilter {
  /** One task run's. Default: all. */
  readonly taskRunId?: number;
  /** One attempt's, by its claim. Default: all. */
  readonly claim?: number;
}

export interface FollowOptions extends LogFilter {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** How often the files are looked at. Default: 200. */
  readonly everyMs?: number;
}

/** Reads what workers have written, from any process, while they write. One task's lines are read without the others'. */
export class LogReader {
  readonly #dir: string;

  /** @param dir Where `logs/` is. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All that is there now, in the order of time. `[]` for a run that said nothing, or that does not exist. */
  async read(runId: string, filter: LogFilter = {}): Promise<LogLine[]> {
    const lines = await Promise.all(
      (await this.#segments(runId)).map((segment) => readSegment(segment, runId, filter)),
    );
    return inOrder(lines.flat());
  }

  /** What is there, and then what comes, until the signal aborts. */
  async *follow(runId: string, { signal, everyMs = 200, ...filter }: FollowOptions): AsyncGenerator<LogLine, void> {
    const places = new Map<string, number>();
    for (;;) {
      // Looked at before reading: what is written up to the abort is still told.
      const last = signal.aborted;
      const news: LogLine[] = [];
      for (const segment of await this.#segments(runId)) {
        const { lines, end } = await readFrom(segment, places.get(segment) ?? 0, runId, filter);
        places.set(segment, end);
        news.push(...lines);
      }
      yield* inOrder(news);
      if (last) return;
      await pause(everyMs, signal);
    }
  }

  async #segments(runId: string): Promise<string[]> {
    const folder = runLogFolder(this.#dir, runId);
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name.endsWith(SEGMENT)).map((name) => join(folder, name.slice(0, -SEGMENT.length)));
  }
}

/** Those of one segment. With a task run given, only what the index points at, and what is not indexed yet. */
async function readSegment(segment: string, runId: string, filter: LogFilter): Promise<LogLine[]> {
  if (filter.taskRunId === undefined) return (await readFrom(segment, 0, runId, filter)).lines;
  const entries = await readIndex(segment);
  const own = entries.filter(
    ([task, claim]) => task === filter.taskRunId && (filter.claim === undefined || claim === filter.claim),
  );
  const indexedEnd = entries.reduce((end, [, , offset, length]) => Math.max(end, offset + length), 0);
  const file = await open(segment + SEGMENT, "r");
  try {
    const indexed: LogLine[] = [];
    for (const [, , offset, length] of own)
      indexed.push(...parse(await readRange(file, offset, length), runId, filter));
    const { lines } = await readFrom(segment, indexedEnd, runId, filter);
    return [...indexed, ...lines];
  } finally {
    await file.close();
  }
}

async function readIndex(segment: string): Promise<IndexEntry[]> {
  try {
    const file = await open(segment + INDEX, "r");
    try {
      return (await file.readFile("utf8"))
        .split("\n")
        .map(parseEntry)
        .filter((entry) => entry !== null);
    } finally {
      await file.close();
    }
  } catch {
    // A writer that died between its two writes: the segment is read whole.
    return [];
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** Whole lines from a place on; `end` is where the next reading begins. */
async function readFrom(
  segment: string,
  from: number,
  runId: string,
  filter: LogFilter,
): Promise<{ lines: LogLine[]; end: number }> {
  const { size } = await stat(segment + SEGMENT);
  if (size <= from) return { lines: [], end: from };
  const file = await open(segment + SEGMENT, "r");
  const lines: LogLine[] = [];
  let end = from;
  let rest = Buffer.alloc(0);
  try {
    for (let at = from; at < size;) {
      const chunk = await readRange(file, at, Math.min(CHUNK_BYTES, size - at));
      if (chunk.length === 0) break;
      at += chunk.length;
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.lastIndexOf(10) + 1;
      lines.push(...parse(bytes.subarray(0, whole), runId, filter));
      end += whole;
      rest = bytes.subarray(whole);
    }
  } finally {
    await file.close();
  }
  return { lines, end };
}

async function readRange(file: FileHandle, offset: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

const parse = (bytes: Buffer, runId: string, { taskRunId, claim }: LogFilter): LogLine[] =>
  bytes
    .toString("utf8")
    .split("\n")
    .flatMap((text) => (text === "" ? [] : (parseLine(text, runId) ?? [])))
    .filter(
      (line) =>
        (taskRunId === undefined || line.taskRunId === taskRunId) && (claim === undefined || line.claim === claim),
    );

/** By time; lines of one moment stay as they were written. */
const inOrder = (lines: LogLine[]): LogLine[] => lines.sort((a, b) => a.at - b.at);

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
