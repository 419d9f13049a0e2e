import { type FileHandle, open } from "node:fs/promises";
import { OutputLines } from "../shell/output-lines.ts";

const LOOK_EVERY_MS = 100;
const CHUNK_BYTES = 256 * 1024;
/** Characters of one message; more than any client sends, and few enough to hold. */
const LONGEST_MESSAGE = 16 * 1024 ** 2;

/** A file that another process appends lines to, read while it grows. Polled: not every file system tells of changes. */
export class MessageFile {
  readonly #file: FileHandle;
  readonly #lines: OutputLines;
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> = Promise.resolve();
  #failed: { readonly error: unknown } | null = null;

  private constructor(file: FileHandle, take: (line: string) => void) {
    this.#file = file;
    this.#lines = new OutputLines(LONGEST_MESSAGE, take, (line) => line);
    this.#look();
  }

  /** Makes it, for this user only. */
  static async create(path: string, take: (line: string) => void): Promise<MessageFile> {
    return new MessageFile(await open(path, "wx+", 0o600), take);
  }

  /** Once nobody writes any more: reads to the end, a last half line included. */
  async end(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      await this.#reading;
      await this.#read();
      this.#lines.end();
      if (this.#failed !== null) throw this.#failed.error;
    } finally {
      await this.#file.close();
    }
  }

  #look(): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#read().then(
        () => {
          if (this.#timer !== null) this.#look();
        },
        (error: unknown) => void (this.#failed ??= { error }),
      );
    }, LOOK_EVERY_MS);
  }

  async #read(): Promise<void> {
    for (;;) {
      // Without a position: on from where the last one ended.
      const { bytesRead } = await this.#file.read(this.#buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      this.#lines.push(this.#buffer.subarray(0, bytesRead));
    }
  }
}
