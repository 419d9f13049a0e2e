import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "../../runtime/protocol.ts";
import { formatLine } from "./log-entry.ts";
import { INDEX, runLogFolder, SEGMENT, segmentName } from "./log-place.ts";

/** What one worker wrote about one run: appended to, never changed. Opened with its first line. */
export class LogSegment {
  readonly #runId: string;
  readonly #data: number;
  readonly #index: number;
  #end: number;
  /** By task run and claim, so that a flush puts the lines of one task side by side. */
  #pending = new Map<string, { readonly taskRunId: number; readonly claim: number; text: string }>();

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
    const key = `${line.taskRunId} ${line.claim}`;
    const pending = this.#pending.get(key);
    if (pending) pending.text += formatLine(line);
    else this.#pending.set(key, { taskRunId: line.taskRunId, claim: line.claim, text: formatLine(line) });
  }

  /** Writes what is pending, data before index. @throws what the disk throws; the lines are gone then. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const pending = this.#pending;
    this.#pending = new Map();
    const entries: string[] = [];
    const chunks: Buffer[] = [];
    let offset = this.#end;
    for (const { taskRunId, claim, text } of pending.values()) {
      const bytes = Buffer.from(text);
      entries.push(`${JSON.stringify([taskRunId, claim, offset, bytes.length])}\n`);
      chunks.push(bytes);
      offset += bytes.length;
    }
    try {
      writeAll(this.#data, Buffer.concat(chunks));
    } catch (error) {
      // A part of it may be there: the next lines begin after it, on a line of their own.
      this.#end = fstatSync(this.#data).size;
      this.#closeHalfLine();
      throw error;
    }
    this.#end = offset;
    writeAll(this.#index, Buffer.from(entries.join("")));
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

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
