import { createWriteStream, type WriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Snowflake loads files of some size at a time, and several at once. */
const FILE_BYTES = 64 * 1024 * 1024;

/** Rows of text in CSV files of a temporary folder. Every value is there as text: `-` is null, and what is not begins with `=`. */
export class StageFiles {
  readonly folder: string;
  #file: WriteStream | null = null;
  #files = 0;
  #bytes = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<StageFiles> {
    return new StageFiles(await mkdtemp(join(tmpdir(), "tutti-stage-")));
  }

  get paths(): readonly string[] {
    return Array.from({ length: this.#files }, (_, at) => this.#path(at));
  }

  async write(lines: string): Promise<void> {
    if (this.#file !== null && this.#bytes >= FILE_BYTES) await this.close();
    if (this.#file === null) {
      this.#file = createWriteStream(this.#path(this.#files), { flags: "wx" });
      this.#files += 1;
      this.#bytes = 0;
    }
    this.#bytes += Buffer.byteLength(lines);
    if (!this.#file.write(lines)) await once(this.#file, "drain");
  }

  /** What was written is on the disk. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    const closed = once(file, "close");
    file.end();
    await closed;
  }

  async remove(): Promise<void> {
    await this.close().catch(() => {});
    await rm(this.folder, { recursive: true, force: true });
  }

  #path(at: number): string {
    return join(this.folder, `rows-${at}.csv`);
  }
}

/** One value of a line; null is nothing at all. */
export const stageField = (text: string | null): string => (text === null ? '"-"' : `"=${text.replaceAll('"', '""')}"`);

/** What a column of the staging table held before it was written so. */
export const stagedText = (column: string): string => `substr(nullif(${column}, '-'), 2)`;
