import type { ErrorData } from "../core/errors.ts";
import type {
  AbortReason,
  AlertCall,
  Assignment,
  DrawerName,
  Finished,
  LogLine,
  ParsedParams,
  RunInfo,
  TriggerAnswer,
  TriggerQuestion,
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
  /** Processes that tasks run in side by side: what is handed over together comes back from each by itself. Default: 1. */
  readonly processes?: number;
  /** Keeps slots for what is being claimed, so that whoever shares the host takes others. Answers how to give them back. */
  reserve(slots: number): () => void;
  /** Whom to tell. Set once, before the first `start`. */
  listen(listener: HostListener): void;
  /** Must be called before the first task of a run; `forget` after its last. */
  openRun(run: RunInfo): void;
  forgetRun(runId: string): void;
  /** A part that many tasks of the run get, referred to as `{ kind: "shared", key }`. */
  share(runId: string, key: string, text: string): void;
  /** A task run that gave its slot back here goes on where it was, if the host still has it and nobody had it since. */
  start(tasks: readonly Assignment[]): void;
  /** The signal aborts; after the grace period the process is retired and killed. A `finished` or `lost` follows in any case. */
  abort(taskRunId: number, claim: number, reason: AbortReason): void;
  parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams>;
  /** Tells a receiver of an alert, in its own code. `null`: it was told. */
  tell(call: AlertCall): Promise<ErrorData | null>;
  /** What the functions of a trigger say. */
  askTrigger(version: VersionInfo, question: TriggerQuestion): Promise<TriggerAnswer>;
  /** Starts nothing more, waits up to `graceMs` for what runs, then kills. */
  close(graceMs: number): Promise<void>;
}

export interface HostListener {
  started(taskRunId: number, claim: number, at: number): void;
  finished(result: Finished): void;
  /** The process died with several tasks in it, or a child would not take it: nothing is known about the task. */
  lost(taskRunId: number, claim: number, why: ErrorData): void;
  progress(taskRunId: number, claim: number, done: number, total: number, note: string | null): void;
  /** What waits in this host's memory without a slot has something to do, due or not. */
  wake(runId: string, taskRunId: number, claim: number): void;
  log(line: LogLine): void;
  /** Durable when the promise resolves; rejects when the claim is no longer held. `value` undefined: read. */
  drawer(
    taskRunId: number,
    claim: number,
    drawer: DrawerName,
    key: string,
    value?: string | null,
  ): Promise<string | null>;
}
