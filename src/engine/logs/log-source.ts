import type { IndexEntry } from "./log-entry.ts";
import type { LogLine } from "../../runtime/protocol.ts";

/** What one worker wrote about a run, wherever it lies: whole lines, and at its end perhaps the beginning of one. */
export interface LogSource {
  /** Of the worker's segment. */
  readonly name: string;
  /** Bytes that were there when it was looked for. It may grow. */
  readonly size: number;
  /** From a place on. There are fewer only where it ends. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Whose lines stand where, in their order. What it does not speak of may be anybody's. */
  index(): AsyncIterable<IndexEntry>;
  close(): Promise<void>;
}

/** Where a run's lines are looked for. */
export interface RunLog {
  /** The folder of logs. */
  readonly dir: string;
  /** The URL of where workers on other machines send theirs; `null`: nowhere. */
  readonly store: string | null;
  readonly runId: string;
}

/** Which lines of a run. */
export interface LineFilter {
  /** By whose they are: what the index says is others' is not even read. `null`: everybody's. */
  readonly wantsTask: WantsTask | null;
  readonly wants: (line: LogLine) => boolean;
}

export type WantsTask = (taskRunId: number, claim: number) => boolean;
