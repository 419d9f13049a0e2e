import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "../../runtime/protocol.ts";
import { formatLine, NEAR_BYTES } from "./log-entry.ts";
import { INDEX, runLogFolder, SEGMENT, segmentName } from "./log-place.ts";

/** What one worker wrote about one run: appended to, never changed. Opened with its first line. */
export class LogSegment {
  readonly #runId: string;
  readonly #data: number;
  readonly #index: number;
  #end: number;
  #pending: PendingLine[] = [];
  /** When each task wrote its last pending line. */
  readonly #last = new Map<string, number>();

  constructor(dir: string, runId: string, worker: string) {
    const folder = runLogFolder(dir, runId);
    mkdirSync(folder, { recursive: true });
    this.#runId = runId;
    this.#data = openSync(join(folder, segmentName(worker) + SEGMENT), "a+");
    this.#index = openSync(join(folder, segmentName(worker) + INDEX), "a");
    this.#end = fstatSync(this.#data).size;
    this.#closeHalfLine();
  }

  get runId(): string {
    return this.#runId;
  }

  add(line: LogLine): void {
    const { taskRunId, claim } = line;
    const key = `${taskRunId} ${claim}`;
    // A task's own lines stay in its order, also where the clocks go back under it.
    const at = Math.max(line.at, this.#last.get(key) ?? line.at);
    this.#last.set(key, at);
    this.#pending.push({ taskRunId, claim, key, at, text: formatLine(line) });
  }

  /** Writes what is pending, data before index. @throws what the disk throws; the lines are gone then. */
  flush(): void {
    if (this.#pending.length === 0) return;
    // Several tasks write at once, each by a process of its own: who reads on must not find what was said before.
    const lines = this.#pending.sort((a, b) => a.at - b.at);
    this.#pending = [];
    this.#last.clear();
    const index = new IndexOfLines();
    let end = this.#end;
    for (const line of lines) end = index.add(line, end);
    try {
      writeAll(this.#data, Buffer.from(lines.map(({ text }) => text).join("")));
    } catch (error) {
      // A part of it may be there: the next lines begin after it, on a line of their own.
      this.#end = fstatSync(this.#data).size;
      this.#closeHalfLine();
      throw error;
    }
    this.#end = end;
    writeAll(this.#index, Buffer.from(index.text));
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#index);
  }

  /** A process that died in the middle of a line left it open. */
  #closeHalfLine(): void {
    const last = Buffer.alloc(1);
    if (this.#end === 0 || (readSync(this.#data, last, 0, 1, this.#end - 1) === 1 && last[0] === 10)) return;
    try {
      this.#end += writeSync(this.#data, "\n");
    } catch {
      // A disk that is full: the next flush says so.
    }
  }
}

interface PendingLine {
  readonly taskRunId: number;
  readonly claim: number;
  /** Of its task run and claim. */
  readonly key: string;
  readonly at: number;
  readonly text: string;
}

/** Of each task one entry, as long as its lines stand near each other: what is read with them anyway needs no second one. */
class IndexOfLines {
  readonly #entries: [taskRunId: number, claim: number, offset: number, length: number][] = [];
  readonly #last = new Map<string, [number, number, number, number]>();

  /** Answers where the line ends that begins at `offset`. */
  add({ taskRunId, claim, key, text }: PendingLine, offset: number): number {
    const end = offset + Buffer.byteLength(text);
    const last = this.#last.get(key);
    if (last !== undefined && offset - (last[2] + last[3]) <= NEAR_BYTES) last[3] = end - last[2];
    else {
      const entry: [number, number, number, number] = [taskRunId, claim, offset, end - offset];
      this.#entries.push(entry);
      this.#last.set(key, entry);
    }
    return end;
  }

  get text(): string {
    return this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
