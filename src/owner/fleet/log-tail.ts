import type { LogReader } from "../../engine/logs/log-reader.ts";
import type { LogLine } from "../../runtime/protocol.ts";

const LOOK_EVERY_MS = 150;

/** The lines that workers write about a run while it goes on, from the folder or store that all share. Where none is shared, there are none. */
export class LogTail {
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #lines: LogLine[] = [];

  constructor(logs: LogReader, runId: string, onlyNew: boolean, came: () => void) {
    this.#ended = this.#read(logs, runId, onlyNew, came);
  }

  /** Those that came and may be told now, once. */
  take(may: (line: LogLine) => boolean): readonly LogLine[] {
    const taken = this.#lines.filter(may);
    if (taken.length > 0) this.#lines = this.#lines.filter((line) => !may(line));
    return taken;
  }

  /** When everything that is written by now was read. */
  end(): Promise<void> {
    this.#abort.abort();
    return this.#ended;
  }

  async #read(logs: LogReader, runId: string, onlyNew: boolean, came: () => void): Promise<void> {
    const options = { signal: this.#abort.signal, everyMs: LOOK_EVERY_MS, onlyNew };
    try {
      for await (const line of logs.follow(runId, options)) {
        this.#lines.push(line);
        came();
      }
    } catch {
      // A folder that can't be read now: `tutti logs` says why.
    }
  }
}
