import type { RunState } from "../core/run-state.ts";
import type { TriggerAnswer, TriggerQuestion } from "../runtime/protocol.ts";
import type { LoadedRun, NewRun, VersionRecord } from "../store/store.ts";
import { cancelOf } from "./arrival.ts";
import { OutsideWaits } from "./events/outside-waits.ts";
import type { ControlBefore, ControlRequest } from "./control-request.ts";
import { lossOf } from "./loss-of.ts";
import { HostBridge } from "./host-bridge.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { EngineMember } from "./engine-member.ts";
import { LiveRun } from "./live-run.ts";
import { LiveRuns } from "./live-runs.ts";
import { LiveVersions, versionInfo } from "./live-version.ts";
import { Membership } from "./membership.ts";
import { newRun, recorded } from "./new-run.ts";
import { type AcceptedParams, parseParams } from "./parse-params.ts";
import type { Remains } from "./remains.ts";
import { RunControl } from "./run-control.ts";
import type { RunListener } from "./run-event.ts";
import type { RetryRequest, Submission } from "./run-request.ts";
import { RunIds } from "./run-ids.ts";
import type { EngineFigures } from "./engine-figures.ts";
import { Scheduler } from "./scheduler.ts";
import { EVENTS_CHANNEL, LIMITS_CHANNEL } from "./wake-up-channels.ts";

/**
 * The orchestrator itself, over its ports: accepts runs, advances them, and tells who follows. One per owned store, or one of
 * several that share it: then it advances what it has accepted and what nobody else holds.
 */
export class Engine {
  readonly #deps: EngineDeps;
  readonly #scheduler: Scheduler;
  readonly #ids = new RunIds();
  readonly #versions: LiveVersions;
  readonly #runs: LiveRuns;
  readonly #membership: Membership | null;
  readonly #waits: OutsideWaits;
  readonly #control: RunControl;
  #fatal: { readonly error: unknown } | null = null;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    const { store, host, clock, logs } = deps;
    this.#versions = new LiveVersions(deps.codeFile);
    this.#runs = new LiveRuns({
      store,
      versions: this.#versions,
      holds: (scheduler) => this.#holds(scheduler),
      adopt: (run, stored) => this.#adopt(run, stored),
    });
    const notify = (channel: string): void => {
      if (channel === EVENTS_CHANNEL) this.emitted();
      deps.membership?.wakeUps.notify(channel);
    };
    this.#scheduler = new Scheduler({
      store,
      host,
      clock,
      logs,
      holder: () => this.#membership?.id,
      holds: (holder) => this.#holds(holder ?? null),
      claims: {
        isHeld: () => this.#membership?.isHeld ?? true,
        isHandedOver: (claim) => deps.membership?.isHandedOver(claim) ?? false,
        listens: (run, instance) => this.#waits.add(run, instance),
      },
      onEnd: (run) => {
        if (!this.#runs.end(run)) return;
        // Its end may be what they wait for.
        this.#waits.look();
        const { pauseAfterFailures } = run.version.record.manifest;
        deps.onEnded?.(
          run.id,
          run.record.workflow,
          run.model.header.state === "failed" ? pauseAfterFailures : undefined,
        );
      },
      queues: deps.membership ? deps.membership.queues : null,
      onAlerts: deps.onAlerts,
      oust: (holder) => deps.onOust?.(holder),
      onApplied: deps.onApplied,
      onWaits: (run, waits) => this.#runs.waits(run, waits),
      onRelease: (run, remains) => this.#release(run, remains),
      notify,
      changes: deps.changes,
      onFatal: (error) => this.#die(error),
    });
    this.#waits = new OutsideWaits({
      store,
      clock,
      wake: ({ run, task, index, claim }) => this.#scheduler.arrive(run, { kind: "wake", task, index, claim }),
      scheduler: () => this.scheduler,
      calledVersion: deps.calledVersion ?? ((workflow) => store.latestVersion(workflow)),
      engine: this,
      refused: () => notify(EVENTS_CHANNEL),
    });
    this.#control = new RunControl({
      store,
      runs: this.#runs,
      arrive: (run, arrival) => this.#scheduler.arrive(run, arrival),
      durable: () => this.#durable(),
    });
    host.listen(new HostBridge({ ...deps, scheduler: this.#scheduler, runOf: (id) => this.#runs.get(id) }));
    const member = new EngineMember(this.#runs, this.#scheduler);
    this.#membership = deps.membership ? new Membership(store.fleet, clock, member, deps.membership) : null;
  }

  /** Begins to work as one of several: takes the runs that nobody holds, and goes on with them. */
  async join(): Promise<void> {
    await this.#membership?.join();
  }

  /** Something may have been emitted, here or elsewhere: whoever waits for it goes on. */
  emitted(): void {
    this.#waits.look();
    this.#deps.onEmitted?.();
  }

  limitsChanged(): void {
    this.#scheduler.limitsChanged();
    this.#deps.membership?.wakeUps.notify(LIMITS_CHANNEL);
  }

  /** There may be runs that it could take now. */
  look(): void {
    this.#membership?.look();
  }

  /** The number of its scheduler among several on the store; `undefined`: it is the only one. */
  get scheduler(): number | undefined {
    return this.#membership?.id;
  }

  get figures(): Readonly<EngineFigures> {
    return this.#scheduler.figures;
  }

  /** Of the runs this engine is advancing. */
  get liveRuns(): string[] {
    return this.#runs.all.map(({ id }) => id);
  }

  /**
   * Accepts a run: its params are parsed once, by the version's own code. Durable when the promise resolves.
   *
   * @throws TuttiError `PARAMS_INVALID`, `PARAMS_UNEXPECTED`
   */
  async submit(submission: Submission, listener?: RunListener): Promise<string> {
    const { id, version, params, window, trigger, fresh = false } = submission;
    const live = await this.#versions.get(version);
    const parsed = await parseParams(this.#deps.host, live, params);
    await this.#runs.room();
    const now = this.#deps.clock.now();
    const accepted = { versionId: version.id, input: params, parsed, window, trigger };
    const record = newRun({ id: id ?? this.#ids.next(now), ...accepted }, now);
    if (fresh) await this.#deps.store.cache.renounce(record.id);
    const run = new LiveRun(live, recorded(record, version, 0), []);
    if (listener) run.listeners.add(listener);
    this.#runs.add(run);
    this.#scheduler.create(run, record);
    await this.#durable();
    this.#deps.onBegun?.(run.record, version);
    return run.id;
  }

  /** Params as a version's own code parses them, which is here then. @throws TuttiError `PARAMS_INVALID`, `PARAMS_UNEXPECTED` */
  async parse(version: VersionRecord, params: unknown): Promise<AcceptedParams> {
    return parseParams(this.#deps.host, await this.#versions.get(version), params);
  }

  /** What the functions of a trigger say, in the version's own code. */
  async askTrigger(version: VersionRecord, question: TriggerQuestion): Promise<TriggerAnswer> {
    return this.#deps.host.askTrigger(versionInfo(await this.#versions.get(version)), question);
  }

  /** Goes on with a run that was recorded for this engine elsewhere than in a tick, and of which nothing has happened yet. */
  async begin(record: NewRun, version: VersionRecord): Promise<void> {
    const live = await this.#versions.get(version);
    await this.#runs.room();
    if (this.#runs.get(record.id)) return;
    const run = new LiveRun(live, recorded(record, version, 1), []);
    this.#runs.add(run);
    this.#begun(run);
  }

  /**
   * Asks every task of the run to stop. Those that were only waiting are cancelled at once. `generation`: the one that whoever asks has
   * seen, a run that has gone on since is left alone; by default the one it has. @throws TuttiError as `RunControl.cancel`
   */
  cancel(runId: string, generation?: number): Promise<void> {
    return this.#control.cancel(runId, generation);
  }

  /** Runs an ended run again, as a new generation: from its failed tasks, and finished ones keep their values, unless told otherwise. */
  retry(runId: string, request: RetryRequest = {}, listener?: RunListener): Promise<void> {
    return this.#control.retry(runId, request, listener);
  }

  /** Does something to single tasks of a run; where that opens an ended run again, it is a new generation. @throws TuttiError as `RunControl.control` */
  control(runId: string, request: ControlRequest, listener?: RunListener): Promise<ControlBefore> {
    return this.#control.control(runId, request, listener);
  }

  /** Goes on with a run that nobody advances. */
  resume(runId: string, listener?: RunListener): Promise<void> {
    return this.#control.resume(runId, listener);
  }

  /** Tells a listener about a live run from now on, beginning with a snapshot. Answers how to stop; `null`: the run is not live here. */
  follow(runId: string, listener: RunListener): (() => void) | null {
    const run = this.#runs.get(runId);
    if (!run) return null;
    run.listeners.add(listener);
    listener({ kind: "snapshot", run: run.model.header.state, counts: run.counts() });
    return () => run.listeners.delete(listener);
  }

  /** When a live run has ended; at once when it is not live. */
  async ended(runId: string): Promise<RunState> {
    if (this.#fatal) throw this.#fatal.error;
    return this.#runs.ended(runId);
  }

  /** Nothing runs and nothing has arrived: only time can bring more. */
  get idle(): boolean {
    return this.#scheduler.idle && !this.#waits.busy;
  }

  /** When everything that has arrived is durable. */
  settled(): Promise<void> {
    return this.#scheduler.settled();
  }

  /** Claims nothing more: what is told to stop must not begin the next task while it puts the rest away. */
  drain(): void {
    this.#waits.stop();
    this.#scheduler.drain();
  }

  /** Claims nothing more, lets running tasks end for up to `graceMs`, and leaves unfinished runs as they are, to be resumed. */
  async close(graceMs: number): Promise<void> {
    this.drain();
    await this.#deps.host.close(graceMs);
    for (const { run, task, index, claim } of this.#scheduler.dispatcher.running()) {
      const error = { name: "Shutdown", code: "WORKER_CLOSED", message: "its process was stopped" };
      this.#scheduler.arrive(run, { kind: "lost", task, index, claim, error, counts: false });
    }
    await this.#scheduler.settled();
    this.#scheduler.stop();
    await this.#membership?.leave();
  }

  async #durable(): Promise<void> {
    await this.#scheduler.settled();
    if (this.#fatal) throw this.#fatal.error;
  }

  #holds(scheduler: number | null): boolean {
    return !this.#membership || this.#membership.holds(scheduler);
  }

  #adopt(run: LiveRun, { run: record }: LoadedRun): void {
    this.#scheduler.enqueue(run);
    this.#begun(run);
    for (const instance of run.running()) {
      const loss = lossOf(instance, this.#deps.host.name, this.#deps.membership);
      if (loss) this.#scheduler.arrive(run, loss);
    }
    for (const instance of run.deferred()) this.#waits.add(run, instance);
    if (record.cancelRequested) this.#scheduler.arrive(run, cancelOf(record.generation));
  }

  #begun(run: LiveRun): void {
    this.#scheduler.arrive(run, { kind: "begin" });
    this.#deps.onBegun?.(run.record, run.version.record);
  }

  #release(run: LiveRun, remains: Remains): void {
    this.#deps.membership?.handOver(run, remains);
    this.#runs.release(run);
  }

  #die(error: unknown): void {
    this.#fatal = { error };
    this.#runs.die(error);
    this.#membership?.stop();
    this.#deps.onFatal?.(error);
  }
}
