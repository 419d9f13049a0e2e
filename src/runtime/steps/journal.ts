import type { StepEntry } from "../../core/wait.ts";
import { decodeRecords, encodeRecords, type StepRecord } from "./step-record.ts";

/** Reads all lines with no entry, writes one with it; resolves once that is durable. */
export type JournalPort = {
  read(): Promise<readonly string[]>;
  write(entry: StepEntry): Promise<void>;
};

/** What the code of one task run records, written line by line. Some records are worth nothing before the next: they wait for it. */
export class Journal {
  readonly #port: JournalPort;
  readonly #version: string;
  /** Of the code that recorded last. */
  #recordedBy: string | null = null;
  #line = 0;
  #waiting: StepRecord[] = [];

  /** `version`: of the code that records now. */
  constructor(port: JournalPort, version: string) {
    this.#port = port;
    this.#version = version;
  }

  /** What earlier executions left. Before the first write. */
  async load(): Promise<readonly StepRecord[]> {
    const lines = await this.#port.read();
    this.#line = lines.length;
    const records = decodeRecords(lines);
    this.#recordedBy = records.findLast((record) => record.kind === "version")?.hash ?? null;
    return records;
  }

  /** Goes along with the next that is written. */
  note(record: StepRecord): void {
    this.#waiting.push(record);
  }

  /** Durable when the promise resolves, and all that was noted before with it. */
  async write(record: StepRecord): Promise<void> {
    this.note(record);
    const entry = this.#take();
    if (entry) await this.#port.write(entry);
  }

  /** What waits, to be written by somebody else. */
  take(): readonly StepEntry[] {
    const entry = this.#take();
    return entry ? [entry] : [];
  }

  /** Whether this record is on its way, or written. */
  has(record: StepRecord): boolean {
    return !this.#waiting.includes(record);
  }

  #take(): StepEntry | null {
    const records = this.#waiting;
    if (records.length === 0) return null;
    this.#waiting = [];
    if (this.#recordedBy !== this.#version) records.unshift({ kind: "version", hash: this.#version });
    this.#recordedBy = this.#version;
    return encodeRecords(this.#line++, records);
  }
}
