import type { Instant } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import type { GivenEvent } from "../core/event.ts";
import { AttemptLog, type LogPorts } from "./attempt-log.ts";
import type { LoadedVersion } from "./code.ts";
import type { Deferral } from "../core/wait.ts";
import type { AbortReason, Assignment, DrawerName, FromChild, RunInfo } from "./protocol.ts";
import { AttemptStepPorts } from "./steps/step-ports.ts";
import { Steps } from "./steps/steps.ts";

/** What an attempt needs of the process around it. */
export interface AttemptPorts extends LogPorts {
  /** Calls back once an instant has come. Answers how to take it back. */
  at(instant: Instant, call: () => void): () => void;
  /** Gives its slot back until it is resumed, with what it has recorded and not written; `null`: whoever waits keeps its slot. */
  readonly defer: ((attempt: Attempt, deferral: Deferral) => void) | null;
  /** It waits without a slot, and has something to do. */
  wake(attempt: Attempt): void;
  progress(message: FromChild & { kind: "progress" }): void;
  drawer(attempt: Attempt, drawer: DrawerName, key: string, value?: string | null): Promise<string | null>;
  /** The value of a secret; `null`: there is none. Rejects where it can't be had. */
  secret(attempt: Attempt, name: string): Promise<string | null>;
  /** A part that many tasks of the run get. */
  shared(runId: string, key: string): string;
  /** The folder of the artifact store on this machine. */
  readonly artifactsDir: string;
  /** Above this an output goes to the artifact store by itself. */
  readonly inlineBytes: number;
  /** Above this an output is refused. */
  readonly maxValueBytes: number;
  /** Runs are traces that somebody receives. */
  readonly tracing: boolean;
}

/** Takes an error that reached nobody. */
export interface StrayErrors {
  fail(thrown: unknown): void;
}

/** One try at one task run, while its code is here. */
export class Attempt {
  readonly run: RunInfo;
  /** Of its present execution: each time that it waited, another one. */
  task: Assignment;
  slot: number;
  /** When its present execution started. */
  startedAt: Instant = 0;
  /** Under which its code started: what it writes stays together. */
  readonly firstClaim: number;
  readonly ports: AttemptPorts;
  readonly log: AttemptLog;
  /** Set once its code is loaded. */
  version: LoadedVersion | null = null;
  /** What its code has asked of its run, beside its input (`RUN_FACTS`). */
  asked = 0;
  #events: GivenEvent[] | null = null;
  #artifacts: Set<string> | null = null;
  #controller: AbortController | null = null;
  #abortedFor: AbortReason | null = null;
  #steps: Steps | null = null;
  #isOver = false;
  #execution: StrayErrors | null = null;

  constructor(run: RunInfo, task: Assignment, slot: number, ports: AttemptPorts) {
    this.run = run;
    this.task = task;
    this.slot = slot;
    this.ports = ports;
    this.firstClaim = task.claim;
    this.log = new AttemptLog(this, ports);
  }

  /** What it says that has happened, if it succeeds. */
  get events(): GivenEvent[] {
    return (this.#events ??= []);
  }

  get hasEvents(): boolean {
    return this.#events !== null;
  }

  /** Names of the artifacts that it has written or is writing. Made when there is one. */
  get artifacts(): Set<string> {
    return (this.#artifacts ??= new Set());
  }

  get wroteArtifacts(): boolean {
    return this.#artifacts !== null && this.#artifacts.size > 0;
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
    this.#steps?.end(abortError(this.#abortedFor, this.task.timeoutMs));
  }

  /** Made when it is first asked for: most tasks have no steps. Whoever asks too late is refused as if there had been some. */
  get steps(): Steps {
    if (this.#steps !== null) return this.#steps;
    this.#steps = new Steps(new AttemptStepPorts(this));
    if (this.#abortedFor !== null) this.#steps.end(abortError(this.#abortedFor, this.task.timeoutMs));
    else if (this.#isOver) this.#steps.end(null);
    return this.#steps;
  }

  /** Its code is over. Answers what is recorded and was never asked for. */
  endSteps(): readonly string[] {
    this.#isOver = true;
    return this.#steps?.end(null) ?? [];
  }

  get hasSteps(): boolean {
    return this.#steps !== null;
  }

  /** Its code has its input, and waits: what that was made from may be large. */
  forgetInput(): void {
    this.task = { ...this.task, runId: this.run.runId, values: NO_VALUES };
  }

  /** Its code is where it was, and has a slot again. */
  resume(task: Assignment, slot: number): void {
    this.task = task;
    this.slot = slot;
    this.#steps?.resume(task.wokenAt ?? 0);
  }

  /** Whom to tell of an error that reached nobody: a rejection without a handler, a throw in a callback. */
  onStrayError(execution: StrayErrors | null): void {
    this.#execution = execution;
  }

  /** `false`: the attempt is over, nobody is there to take it. */
  failWith(thrown: unknown): boolean {
    const execution = this.#execution;
    execution?.fail(thrown);
    return execution !== null;
  }
}

const NO_VALUES: Assignment["values"] = {};

const abortError = (reason: AbortReason, timeoutMs: number | null): TuttiError => {
  if (reason === "timed_out")
    return new TuttiError("TIMED_OUT", `The task ran longer than its timeout of ${timeoutMs} ms.`);
  if (reason === "shutdown") return new TuttiError("SHUTTING_DOWN", "The worker is shutting down.");
  return new TuttiError("CANCELLED", "The run was cancelled.");
};
