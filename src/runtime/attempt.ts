import type { Instant } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import { AttemptLog, type LogLimits } from "./attempt-log.ts";
import type { LoadedVersion } from "./code.ts";
import type { AbortReason, Assignment, FromChild, LogLine, RunInfo } from "./protocol.ts";

/** What an attempt needs of the process around it. */
export interface AttemptPorts {
  now(): Instant;
  log(line: LogLine): void;
  progress(message: FromChild & { kind: "progress" }): void;
  drawer(attempt: Attempt, drawer: "state" | "memory", key: string, value?: string | null): Promise<string | null>;
  /** A part that many tasks of the run get. */
  shared(runId: string, key: string): string;
  /** The folder of the artifact store on this machine. */
  readonly artifactsDir: string;
  readonly logLimits: LogLimits;
  /** Above this an output goes to the artifact store by itself. */
  readonly inlineBytes: number;
  /** Above this an output is refused. */
  readonly maxValueBytes: number;
}

/** One try at one task run, while its code is here. */
export class Attempt {
  readonly run: RunInfo;
  readonly task: Assignment;
  readonly slot: number;
  readonly ports: AttemptPorts;
  readonly log: AttemptLog;
  /** Set once its code is loaded. */
  version: LoadedVersion | null = null;
  /** Names of the artifacts that it has written or is writing. */
  readonly artifacts = new Set<string>();
  #controller: AbortController | null = null;
  #abortedFor: AbortReason | null = null;
  #fail: ((thrown: unknown) => void) | null = null;

  constructor(run: RunInfo, task: Assignment, slot: number, ports: AttemptPorts) {
    this.run = run;
    this.task = task;
    this.slot = slot;
    this.ports = ports;
    this.log = new AttemptLog(
      { taskRunId: task.taskRunId, claim: task.claim, runId: task.runId },
      ports.logLimits,
      () => ports.now(),
      (line) => ports.log(line),
    );
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortedFor !== null && !this.#controller.signal.aborted)
      this.#controller.abort(abortError(this.#abortedFor, this.task.timeoutMs));
    return this.#controller.signal;
  }

  get abortedFor(): AbortReason | null {
    return this.#abortedFor;
  }

  abort(reason: AbortReason): void {
    this.#abortedFor ??= reason;
    if (this.#controller) void this.signal;
  }

  /** Whom to tell of an error that reached nobody: a rejection without a handler, a throw in a callback. */
  onStrayError(fail: ((thrown: unknown) => void) | null): void {
    this.#fail = fail;
  }

  /** `false`: the attempt is over, nobody is there to take it. */
  failWith(thrown: unknown): boolean {
    const fail = this.#fail;
    fail?.(thrown);
    return fail !== null;
  }
}

const abortError = (reason: AbortReason, timeoutMs: number | null): TuttiError => {
  if (reason === "timed_out")
    return new TuttiError("TIMED_OUT", `The task ran longer than its timeout of ${timeoutMs} ms.`);
  if (reason === "shutdown") return new TuttiError("SHUTTING_DOWN", "The worker is shutting down.");
  return new TuttiError("CANCELLED", "The run was cancelled.");
};
