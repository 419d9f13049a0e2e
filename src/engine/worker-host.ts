import type { ErrorData } from "../core/errors.ts";
import type {
  AbortReason,
  Assignment,
  Finished,
  LogLine,
  ParsedParams,
  RunInfo,
  VersionInfo,
} from "../runtime/protocol.ts";

/**
 * Runs claimed tasks and reports. The scheduler's only way to user code: children (`engine/children/`), or in
 * the same process for tests (`testing/inline-host.ts`).
 */
export interface WorkerHost {
  /** The worker's name in claims, logs and attempts. */
  readonly name: string;
  /** How many tasks it may have at once. The scheduler never claims more. */
  readonly slots: number;
  /** Whom to tell. Set once, before the first `start`. */
  listen(listener: HostListener): void;
  /** Must be called before the first task of a run; `forget` after its last. */
  openRun(run: RunInfo): void;
  forgetRun(runId: string): void;
  /** A part that many tasks of the run get, referred to as `{ kind: "shared", key }`. */
  share(runId: string, key: string, text: string): void;
  start(tasks: readonly Assignment[]): void;
  /** The signal aborts; after the grace period the process is retired and killed. A `finished` or `lost` follows in any case. */
  abort(taskRunId: number, claim: number, reason: AbortReason): void;
  parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams>;
  /** Starts nothing more, waits up to `graceMs` for what runs, then kills. */
  close(graceMs: number): Promise<void>;
}

export interface HostListener {
  started(taskRunId: number, claim: number, at: number): void;
  finished(result: Finished): void;
  /** The process died with several tasks in it, or a child would not take it: nothing is known about the task. */
  lost(taskRunId: number, claim: number, why: ErrorData): void;
  progress(taskRunId: number, claim: number, done: number, total: number, note: string | null): void;
  log(line: LogLine): void;
  /** Durable when the promise resolves; rejects when the claim is no longer held. `value` undefined: read. */
  drawer(
    taskRunId: number,
    claim: number,
    drawer: "state" | "memory",
    key: string,
    value?: string | null,
  ): Promise<string | null>;
}
