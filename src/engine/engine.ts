import { randomBytes } from "node:crypto";
import { TuttiError } from "../core/errors.ts";
import { runIdFrom } from "../core/run-id.ts";
import { isEndedRun, type RunState } from "../core/run-state.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { Window } from "../core/window.ts";
import type { NewRun, RunRecord, RunTrigger, Store, VersionRecord } from "../store/store.ts";
import type { EngineClock } from "./engine-clock.ts";
import { HostBridge, type LogSink } from "./host-bridge.ts";
import { LiveRun } from "./live-run.ts";
import { LiveVersions } from "./live-version.ts";
import { parseParams } from "./parse-params.ts";
import type { RunListener } from "./run-event.ts";
import type { EngineFigures } from "./engine-figures.ts";
import { Scheduler } from "./scheduler.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface EngineDeps {
  readonly store: Store;
  readonly host: WorkerHost;
  readonly clock: EngineClock;
  /** Where the bundle of a version is on this machine's disk. */
  readonly codeFile: (version: VersionRecord) => Promise<string>;
  readonly logs: LogSink;
  /** The store refuses for good; nothing goes on. Whoever waits for a run is told too. */
  readonly onFatal?: (error: unknown) => void;
}

export interface Submission {
  /** Whoever may have to ask twice gives the run its id. Default: a new one. */
  readonly id?: string;
  readonly version: VersionRecord;
  /** What the user passed; `undefined`: nothing. */
  readonly params?: unknown;
  readonly window: Window;
  readonly trigger: RunTrigger;
}

/** Runs in memory at once; more wait their turn before they are accepted. */
const MAX_LIVE_RUNS = 10_000;

/** The orchestrator itself, over its ports: accepts runs, advances them, and tells who follows. One per owned store. */
export class Engine {
  readonly #deps: EngineDeps;
  readonly #scheduler: Scheduler;
  readonly #live = new Map<string, LiveRun>();
  readonly #loading = new Map<string, Promise<LiveRun>>();
  readonly #ends = new Map<string, PromiseWithResolvers<RunState>>();
  readonly #versions: LiveVersions;
  readonly #waiting: (() => void)[] = [];
  #fatal: { readonly error: unknown } | null = null;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#versions = new LiveVersions(deps.codeFile);
    this.#scheduler = new Scheduler({
      store: deps.store,
      host: deps.host,
      clock: deps.clock,
      logs: deps.logs,
      onEnd: (run) => this.#ended(run),
      onFatal: (error) => this.#die(error),
    });
    deps.host.listen(new HostBridge(this.#scheduler, deps.store, deps.logs));
  }

  get figures(): Readonly<EngineFigures> {
    return this.#scheduler.figures;
  }

  /** Ids of the runs this engine is advancing. */
  get liveRuns(): string[] {
    return [...this.#live.keys()];
  }

  /**
   * Accepts a run: its params are parsed once, by the version's own code. Durable when the promise resolves.
   *
   * @throws TuttiError `PARAMS_INVALID`, `PARAMS_UNEXPECTED`
   */
  async submit({ id, version, params, window, trigger }: Submission, listener?: RunListener): Promise<string> {
    const live = await this.#versions.get(version);
    const parsed = await parseParams(this.#deps.host, live, params);
    await this.#room();
    const { clock } = this.#deps;
    const now = clock.now();
    const record: NewRun = {
      id: id ?? runIdFrom(now, randomBytes(10)),
      versionId: version.id,
      state: "queued",
      generation: 1,
      trigger,
      intervalStart: window.start,
      intervalEnd: window.end,
      date: window.date,
      timezone: window.timezone,
      paramsInput: params === undefined ? null : encodeValue(params),
      params: parsed.params,
      paramsLists: parsed.lists,
      createdAt: now,
    };
    const run = new LiveRun(
      live,
      { ...record, workflow: version.workflow, revision: 0, cancelRequested: false, startedAt: null, endedAt: null },
      [],
    );
    if (listener) run.listeners.add(listener);
    this.#live.set(run.id, run);
    this.#scheduler.create(run, record);
    await this.#durable();
    return run.id;
  }

  /** Asks every task of the run to stop. Those that were only waiting are cancelled at once. */
  async cancel(runId: string): Promise<void> {
    const run = await this.#take(runId);
    if (isEndedRun(run.model.header.state))
      throw new TuttiError("RUN_ENDED", `Run "${runId}" has already ended: ${run.model.header.state}.`);
    this.#scheduler.arrive(run, { kind: "cancel" });
    await this.#durable();
  }

  /** Runs an ended run again from its failed tasks, as a new generation; finished ones keep their values. */
  async retry(runId: string, listener?: RunListener): Promise<void> {
    const run = await this.#take(runId);
    const { state } = run.model.header;
    if (!isEndedRun(state))
      throw new TuttiError(
        "RUN_NOT_ENDED",
        `Run "${runId}" is ${state}; only an ended run can be retried. Cancel it first: tutti cancel ${runId}`,
      );
    if (state === "succeeded")
      throw new TuttiError("NOTHING_TO_RETRY", `Run "${runId}" has succeeded: there is no failed task to start from.`);
    if (listener) run.listeners.add(listener);
    this.#live.set(runId, run);
    this.#scheduler.arrive(run, { kind: "retry" });
    await this.#durable();
  }

  /** Goes on with a run that nobody advances. What was running when its owner died starts again, under the same idempotency key. */
  async resume(runId: string, listener?: RunListener): Promise<void> {
    const known = this.#live.get(runId);
    const run = known ?? (await this.#take(runId));
    if (listener) run.listeners.add(listener);
    if (known) return;
    if (isEndedRun(run.model.header.state))
      throw new TuttiError(
        "RUN_ENDED",
        `Run "${runId}" has already ended: ${run.model.header.state}. To run it again from its failed tasks: tutti retry ${runId}`,
      );
    await this.#durable();
  }

  /** Tells a listener about a live run from now on, beginning with a snapshot. Answers how to stop; `null`: the run is not live here. */
  follow(runId: string, listener: RunListener): (() => void) | null {
    const run = this.#live.get(runId);
    if (!run) return null;
    run.listeners.add(listener);
    listener({ kind: "snapshot", run: run.model.header.state, counts: run.counts() });
    return () => run.listeners.delete(listener);
  }

  /** When a live run has ended; at once when it is not live. */
  async ended(runId: string): Promise<RunState> {
    if (this.#fatal) throw this.#fatal.error;
    if (this.#live.has(runId)) {
      const end = this.#ends.get(runId) ?? Promise.withResolvers<RunState>();
      this.#ends.set(runId, end);
      return end.promise;
    }
    const stored = await this.#deps.store.loadRun(runId);
    if (!stored) throw new TuttiError("RUN_NOT_FOUND", `There is no run "${runId}".`);
    return stored.run.state;
  }

  /** Nothing runs and nothing has arrived: only time can bring more. */
  get idle(): boolean {
    return this.#scheduler.idle;
  }

  /** When everything that has arrived is durable. */
  settled(): Promise<void> {
    return this.#scheduler.settled();
  }

  /** Claims nothing more, lets running tasks end for up to `graceMs`, and leaves unfinished runs as they are, to be resumed. */
  async close(graceMs: number): Promise<void> {
    this.#scheduler.drain();
    await this.#deps.host.close(graceMs);
    for (const { run, task, index, claim } of this.#scheduler.dispatcher.running()) {
      const why = {
        state: "failed",
        error: { name: "Shutdown", code: "WORKER_CLOSED", message: "its process was stopped" },
        rule: null,
        retryAfterMs: null,
        final: false,
      } as const;
      this.#scheduler.arrive(run, { kind: "lost", task, index, claim, why, counts: false });
    }
    await this.#scheduler.settled();
    this.#scheduler.stop();
  }

  async #durable(): Promise<void> {
    await this.#scheduler.settled();
    if (this.#fatal) throw this.#fatal.error;
  }

  /** A run from memory or the store, with what nobody knows anything about put back in line. Whoever else asks meanwhile gets the same one. */
  async #take(runId: string): Promise<LiveRun> {
    // An end that is decided and not yet recorded is none: its commit may still be dropped.
    while (isEndedRun(this.#live.get(runId)?.model.header.state ?? "running")) await this.#durable();
    const known = this.#live.get(runId) ?? this.#loading.get(runId);
    if (known) return known;
    const loading = this.#load(runId).finally(() => this.#loading.delete(runId));
    this.#loading.set(runId, loading);
    return loading;
  }

  async #load(runId: string): Promise<LiveRun> {
    const { store, host } = this.#deps;
    const stored = await store.loadRun(runId);
    if (!stored) throw new TuttiError("RUN_NOT_FOUND", `There is no run "${runId}".`);
    const version = await store.getVersion(stored.run.versionId);
    if (!version)
      throw new TuttiError(
        "VERSION_NOT_FOUND",
        `The version that run "${runId}" began with is no longer in the store.`,
      );
    const compiled = await this.#versions.get(version);
    // Accepted while it was being looked for: there is one of each run, and what it has started is not lost.
    const accepted = this.#live.get(runId);
    if (accepted) return accepted;
    const run = new LiveRun(compiled, stored.run, stored.taskRuns);
    if (isEndedRun(stored.run.state)) return run;
    this.#live.set(runId, run);
    this.#adopt(run, stored.run, host.name);
    return run;
  }

  #adopt(run: LiveRun, record: RunRecord, worker: string): void {
    this.#scheduler.enqueue(run);
    this.#scheduler.arrive(run, { kind: "begin" });
    for (const task of run.model.tasks) {
      task.each((instance) => {
        if (instance?.state !== "running") return;
        const error = {
          name: "WorkerLost",
          code: "WORKER_LOST",
          message: `worker "${instance.worker ?? worker}" died`,
        };
        const why = { state: "failed", error, rule: null, retryAfterMs: null, final: false } as const;
        this.#scheduler.arrive(run, {
          kind: "lost",
          task: instance.task,
          index: instance.index,
          claim: instance.claim,
          why,
          counts: true,
        });
      });
    }
    if (record.cancelRequested) this.#scheduler.arrive(run, { kind: "cancel" });
  }

  /** Pushes back: more runs than fit in memory wait before they are accepted. */
  async #room(): Promise<void> {
    while (this.#live.size >= MAX_LIVE_RUNS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #ended(run: LiveRun): void {
    this.#live.delete(run.id);
    this.#ends.get(run.id)?.resolve(run.model.header.state);
    this.#ends.delete(run.id);
    this.#waiting.shift()?.();
  }

  #die(error: unknown): void {
    this.#fatal = { error };
    for (const end of this.#ends.values()) end.reject(error);
    this.#ends.clear();
    this.#deps.onFatal?.(error);
  }
}
