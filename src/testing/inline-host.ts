import type { BuiltWorkflow } from "../authoring/built.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { toErrorData } from "../core/error-data.ts";
import type { ErrorData } from "../core/errors.ts";
import { TuttiError } from "../core/errors.ts";
import { compileGraph, type Graph } from "../core/graph.ts";
import { abortOutcome } from "../engine/children/abort-outcome.ts";
import type { HostListener, WorkerHost } from "../engine/worker-host.ts";
import { tellReceiver } from "../runtime/alert-call.ts";
import { callAt } from "../runtime/call-at.ts";
import { Attempt, type AttemptPorts } from "../runtime/attempt.ts";
import { LOG_LIMITS } from "../runtime/attempt-log.ts";
import { grantConnections } from "../runtime/connections.ts";
import { captureConsole } from "../runtime/console.ts";
import { execute } from "../runtime/executor.ts";
import { parseParams } from "../runtime/params.ts";
import { ParkedAttempts } from "../runtime/parked-attempts.ts";
import type {
  AbortReason,
  AlertCall,
  Assignment,
  Outcome,
  ParsedParams,
  RunInfo,
  TriggerAnswer,
  TriggerQuestion,
  VersionInfo,
} from "../runtime/protocol.ts";
import { askTrigger } from "../runtime/trigger.ts";

export interface InlineHostOptions {
  /** Where artifacts, and values above 256 KiB, go. */
  readonly artifactsDir: string;
  /** Default: `inline`. */
  readonly name?: string;
  /** Tasks at once. Default: 16. */
  readonly slots?: number;
  /** What `connection.resolve()` gives, by name: what the configuration would say, or a fake. Default: none. */
  readonly connections?: Readonly<Record<string, unknown>>;
  /** What `ctx.secret` gives, by name. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** From the abort of a signal to giving the task up. Default: 1,000. */
  readonly graceMs?: number;
  /** Of the instants it reports, and what its tasks wait by. Timeouts run in real time. Default: the system's. */
  readonly clock?: Clock & Pick<AttemptPorts, "at">;
}

interface Live {
  readonly attempt: Attempt;
  timer: NodeJS.Timeout | undefined;
}

/** The real clock, where nobody gives another one to wait by. */
const REAL = { ...systemClock, at: callAt };

/**
 * A worker host in this process, without a bundle and without children: for tests of workflows. A task that does not stop is given
 * up, not killed, and what throws in a callback is the test runner's.
 */
export class InlineHost implements WorkerHost {
  readonly name: string;
  readonly slots: number;
  readonly #options: Required<InlineHostOptions>;
  readonly #workflows: ReadonlyMap<string, { readonly built: BuiltWorkflow; readonly graph: Graph }>;
  readonly #runs = new Map<string, { readonly info: RunInfo; readonly shared: Map<string, string> }>();
  readonly #live = new Map<string, Live>();
  readonly #parked = new ParkedAttempts();
  #listener: HostListener | null = null;
  #idle: (() => void) | null = null;
  #releaseConsole: (() => void) | null = null;

  constructor(workflows: BuiltWorkflow | readonly BuiltWorkflow[], options: InlineHostOptions) {
    this.#options = {
      name: "inline",
      slots: 16,
      connections: {},
      secrets: {},
      graceMs: 1_000,
      clock: REAL,
      ...options,
    };
    this.name = this.#options.name;
    this.slots = this.#options.slots;
    const all = "manifest" in workflows ? [workflows] : workflows;
    this.#workflows = new Map(
      all.map((built) => [built.manifest.name, { built, graph: compileGraph(built.manifest) }]),
    );
  }

  reserve(): () => void {
    return () => {};
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
    grantConnections();
    this.#releaseConsole ??= captureConsole();
  }

  openRun(run: RunInfo): void {
    this.#runs.set(run.runId, { info: run, shared: new Map() });
  }

  forgetRun(runId: string): void {
    this.#runs.delete(runId);
    this.#parked.forget(runId);
  }

  share(runId: string, key: string, text: string): void {
    this.#runOf(runId).shared.set(key, text);
  }

  start(tasks: readonly Assignment[]): void {
    // Never from inside the call: who starts a task has written down that it did.
    for (const task of tasks) void Promise.resolve().then(() => this.#start(task));
  }

  abort(taskRunId: number, claim: number, reason: AbortReason): void {
    const live = this.#live.get(`${taskRunId} ${claim}`);
    if (!live) return this.#parked.dropAny(taskRunId, claim, reason);
    if (live.attempt.abortedFor !== null) return;
    live.attempt.abort(reason);
    clearTimeout(live.timer);
    live.timer = setTimeout(() => this.#end(live.attempt, null), this.#options.graceMs);
  }

  async parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams> {
    try {
      return await parseParams(this.#load(version), input);
    } catch (error) {
      return { ok: false, error: toErrorData(error) };
    }
  }

  tell(call: AlertCall): Promise<ErrorData | null> {
    const { clock, connections } = this.#options;
    return tellReceiver(call, {
      version: async (info) => this.#load(info),
      connections: async () => connections,
      at: (instant, late) => clock.at(instant, late),
      now: () => clock.now(),
    });
  }

  async askTrigger(version: VersionInfo, question: TriggerQuestion): Promise<TriggerAnswer> {
    try {
      return await askTrigger(this.#load(version), question);
    } catch (error) {
      return { ok: false, error: toErrorData(error) };
    }
  }

  async close(graceMs: number): Promise<void> {
    if (this.#live.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      const late = setTimeout(() => [...this.#live.values()].forEach(({ attempt }) => this.#lose(attempt)), graceMs);
      await idle;
      clearTimeout(late);
    }
    this.#releaseConsole?.();
    this.#releaseConsole = null;
  }

  #start(task: Assignment): void {
    const parked = this.#parked.take(task);
    const run = this.#runOf(task.runId);
    const attempt = parked ?? new Attempt(run.info, task, 0, this.#ports);
    attempt.startedAt = this.#options.clock.now();
    const live: Live = { attempt, timer: undefined };
    this.#live.set(`${task.taskRunId} ${task.claim}`, live);
    if (task.timeoutMs !== null)
      live.timer = setTimeout(() => this.abort(task.taskRunId, task.claim, "timed_out"), task.timeoutMs);
    this.#listener?.started(task.taskRunId, task.claim, attempt.startedAt);
    if (parked) return parked.resume(task, 0);
    execute(attempt, this.#load(run.info.version), (outcome) => this.#end(attempt, outcome));
  }

  #end(attempt: Attempt, said: Outcome | null): void {
    const { taskRunId, claim, timeoutMs } = attempt.task;
    const live = this.#take(attempt);
    if (!live) return;
    const { startedAt } = attempt;
    // What waits goes on where it is; a sensor looks from the beginning.
    if (said?.state === "deferred" && attempt.abortedFor === null && attempt.hasSteps) this.#parked.add(attempt);
    const outcome = attempt.abortedFor === null ? said : abortOutcome(attempt.abortedFor, timeoutMs, said);
    if (outcome === null) this.#listener?.lost(taskRunId, claim, CLOSED);
    else
      this.#listener?.finished({
        kind: "finished",
        taskRunId,
        claim,
        startedAt,
        endedAt: this.#options.clock.now(),
        outcome,
      });
    if (this.#live.size === 0) this.#idle?.();
  }

  #lose(attempt: Attempt): void {
    attempt.abort("shutdown");
    this.#end(attempt, null);
  }

  #take({ task }: Attempt): Live | null {
    const key = `${task.taskRunId} ${task.claim}`;
    const live = this.#live.get(key) ?? null;
    this.#live.delete(key);
    clearTimeout(live?.timer);
    return live;
  }

  #load(version: VersionInfo) {
    const workflow = this.#workflows.get(version.workflow);
    if (!workflow)
      throw new TuttiError(
        "WORKFLOW_NOT_IN_CODE",
        `Workflow "${version.workflow}" was not given to this host, which has: ${[...this.#workflows.keys()].join(", ")}.`,
      );
    return { ...workflow, info: version, connections: this.#options.connections };
  }

  #runOf(runId: string) {
    const run = this.#runs.get(runId);
    if (!run) throw new TuttiError("RUN_UNKNOWN", `Run "${runId}" was not opened on worker "${this.name}".`);
    return run;
  }

  get #ports(): AttemptPorts {
    return {
      now: () => this.#options.clock.now(),
      at: (instant, call) => this.#options.clock.at(instant, call),
      defer: (attempt, deferral) => this.#end(attempt, { state: "deferred", ...deferral }),
      wake: ({ task }) => this.#listener?.wake(task.runId, task.taskRunId, task.claim),
      log: (line) => this.#listener?.log(line),
      progress: ({ taskRunId, claim, done, total, note }) =>
        this.#listener?.progress(taskRunId, claim, done, total, note),
      drawer: ({ task }, drawer, key, value) => this.#listener!.drawer(task.taskRunId, task.claim, drawer, key, value),
      secret: async (_, name) => this.#options.secrets[name] ?? null,
      shared: (runId, key) => this.#runOf(runId).shared.get(key) ?? "",
      artifactsDir: this.#options.artifactsDir,
      logLimits: LOG_LIMITS,
      inlineBytes: 256 * 1024,
      maxValueBytes: 64 * 1024 ** 2,
      tracing: false,
    };
  }
}

const CLOSED: ErrorData = {
  name: "WorkerClosed",
  code: "WORKER_CLOSED",
  message: "The worker was closed before the task had ended.",
};
