import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type IndexEntry, parseEntry } from "./log-entry.ts";
import { INDEX, runLogFolder, SEGMENT } from "./log-place.ts";
import type { LogSource } from "./log-source.ts";

/** A segment in the folder of logs. */
export class FileSource implements LogSource {
  readonly name: string;
  readonly size: number;
  /** Without its ending. */
  readonly #path: string;
  #file: Promise<FileHandle> | null = null;

  constructor(path: string, name: string, size: number) {
    this.#path = path;
    this.name = name;
    this.size = size;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const file = await (this.#file ??= open(this.#path + SEGMENT, "r"));
    const bytes = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  /** A part at a time: of a task with many lines it is long. */
  async *index(): AsyncGenerator<IndexEntry> {
    let rest = "";
    try {
      for await (const part of createReadStream(this.#path + INDEX, { encoding: "utf8" })) {
        const lines = (rest + (part as string)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const entry = parseEntry(line);
          if (entry !== null) yield entry;
        }
      }
    } catch {
      // A writer that died between its two writes: nothing is known, and all is read.
    }
  }

  async close(): Promise<void> {
    // One that could not be opened has said so to whoever read it.
    const file = await this.#file?.catch(() => null);
    await file?.close();
  }
}

/** The segments of a run on this machine. */
export async function fileSources(dir: string, runId: string): Promise<readonly FileSource[]> {
  const folder = runLogFolder(dir, runId);
  const files = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    files
      .filter((file) => file.endsWith(SEGMENT))
      .map(async (file) => {
        const name = file.slice(0, -SEGMENT.length);
        // Retention may be at work.
        const facts = await stat(join(folder, file)).catch(() => null);
        return facts === null ? [] : [new FileSource(join(folder, name), name, facts.size)];
      }),
  );
  return found.flat();
}
