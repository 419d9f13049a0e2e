import { decide } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { NewWorker } from "../store/fleet.ts";
import type { DrawerWrite, NewRun } from "../store/store.ts";
import { alertsOf } from "./alerts/alert-causes.ts";
import { type Arrival, eventsOf, opensAgain } from "./arrival.ts";
import { Claims } from "./claims.ts";
import { Committer } from "./committer.ts";
import { Dispatcher } from "./dispatcher.ts";
import { DueTimer } from "./due-timer.ts";
import { DrawerQueue, type WaitingDrawer } from "./drawer-queue.ts";
import type { EngineFigures } from "./engine-figures.ts";
import { builderOf, type Builders, type GroupBuilder } from "./group-builder.ts";
import { LimitedClaims } from "./limits/limited-claims.ts";
import type { LiveRun } from "./live-run.ts";
import type { Ready } from "./ready-queue.ts";
import type { SchedulerDeps } from "./scheduler-deps.ts";
import { TickLoop } from "./tick-loop.ts";
import { TouchedRuns } from "./touched-runs.ts";
import { EVENTS_CHANNEL, LIMITS_CHANNEL, offersChannel, workerChannel } from "./wake-up-channels.ts";

/**
 * The hot path. A tick takes everything that has arrived, decides run by run, commits it with the claims of the
 * next tasks in one transaction, and hands the claimed tasks to the worker. Ticks never overlap.
 */
export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly #claims: Claims;
  readonly #limited: LimitedClaims;
  readonly #touched = new TouchedRuns();
  readonly #creates = new Map<LiveRun, NewRun>();
  readonly #releasing = new Set<LiveRun>();
  /** Whom to wake up when what there is to see is durable. */
  readonly #hints = new Set<string>();
  readonly #drawers = new DrawerQueue();
  readonly #timer: DueTimer<LiveRun>;
  readonly #loop: TickLoop;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#committer = new Committer(deps);
    this.#loop = new TickLoop({
      clock: deps.clock,
      processes: deps.host.processes ?? 1,
      round: () => this.#round(),
      hasMore: () => this.#touched.size > 0 || this.#releasing.size > 0 || this.#limited.again,
      onFatal: deps.onFatal,
    });
    this.#timer = new DueTimer(deps.clock, (run) => this.arrive(run, { kind: "due" }));
    this.dispatcher = new Dispatcher(
      { readOutputs: (ids) => this.#committer.patiently([], () => deps.store.readOutputs(ids)) },
      deps.host,
      deps.claims,
    );
    this.#limited = new LimitedClaims(deps, {
      committer: this.#committer,
      dispatcher: this.dispatcher,
      arrive: (run, arrival) => this.arrive(run, arrival),
      wake: () => this.#loop.wake(),
      applied: (builder) => this.#applied(builder, []),
      reload: (run) => this.#reload(run, [], []),
      dispatch: (claimed) => this.#dispatch(claimed),
      offered: (queue) => void this.#hints.add(offersChannel(queue)),
    });
    this.#claims = new Claims(this.dispatcher, this.#limited.desk, deps);
  }

  /** There may be more room in limits than is known here. */
  limitsChanged(): void {
    if (this.#limited.desk.changed()) this.#loop.wake();
  }

  /** Something has happened to a run: it is decided with the next tick. */
  arrive(run: LiveRun, arrival: Arrival): void {
    if (run.released) return;
    run.arrivals.push(arrival);
    this.#loop.batch.arrived(arrival);
    this.#touched.add(run);
    this.#loop.wake();
  }

  /** A run that the store does not know yet: it is recorded together with its first decision. */
  create(run: LiveRun, record: NewRun): void {
    this.#creates.set(run, record);
    this.arrive(run, { kind: "begin" });
  }

  /** These are somebody else's: nothing more is decided about them. Those that no commit has recorded yet are nobody else's. */
  async release(runs: readonly LiveRun[]): Promise<void> {
    for (const run of runs) if (run.revision > 0) this.#releasing.add(run);
    if (this.#releasing.size === 0) return;
    this.#loop.wake();
    await this.settled();
  }

  /** Durable when the promise resolves. */
  writeDrawer(run: LiveRun, write: DrawerWrite): Promise<void> {
    const written = this.#drawers.add(run, write);
    this.#touched.add(run);
    this.#loop.wake();
    return written;
  }

  /** A loaded run's queued task runs stand in line. */
  enqueue(run: LiveRun): void {
    this.#claims.enqueue(run);
  }

  /** Workers elsewhere that are alive. */
  workers(elsewhere: readonly NewWorker[]): void {
    this.#claims.workers(elsewhere);
    // What stands in line may be for them.
    this.#loop.wake();
  }

  get figures(): EngineFigures {
    return this.#committer.figures;
  }

  get idle(): boolean {
    return this.#loop.sleeps && this.#touched.size === 0 && this.dispatcher.runningCount === 0;
  }

  drain(): void {
    this.#claims.draining = true;
    this.#committer.closing = true;
  }

  readonly settled = (): Promise<void> => this.#loop.settled();
  readonly decided = (): Promise<void> => this.#loop.decided();
  readonly stop = (): void => {
    this.#timer.stop();
    this.#limited.desk.stop();
  };

  async #round(): Promise<void> {
    // Those that are touched again meanwhile stand behind these.
    for (let ticks = this.#touched.ticks; ticks > 0; ticks--) await this.#tick();
  }

  async #tick(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const run of this.#releasing) this.#release(run);
    this.#releasing.clear();
    const builders: Builders = new Map();
    const consumed = new Map<LiveRun, readonly Arrival[]>();
    for (const run of this.#touched.take()) {
      const { arrivals } = run;
      run.arrivals = [];
      consumed.set(run, arrivals);
      this.#decide(run, arrivals, now, builders);
    }
    const drawers = this.#drawers.take();
    for (const { run, write } of drawers) builderOf(builders, run).addDrawer(write);
    const claimed = this.#claims.take(now, builders);
    for (const queue of this.#claims.offer(builders)) this.#hints.add(offersChannel(queue));
    const changed = [...builders.values()];
    const beside = this.#limited.beside(builders, this.#claims);
    const unreserve = this.#deps.host.reserve(claimed.length + beside.taken.length);
    const holder = this.#deps.holder();
    const results = await this.#committer.commit([...changed, ...beside.builders], holder);
    const dropped = new Set<LiveRun>();
    changed.forEach((builder, i) => {
      const result = results[i];
      if (!result?.applied) return void dropped.add(builder.run);
      this.#applied(builder, result.ids);
      // Its number had ended: what was made, begun or opened again under it since then is nobody's.
      if (!this.#deps.holds(holder) && !builder.run.hasEnded) this.#releasing.add(builder.run);
    });
    const durable = claimed.filter(({ run }) => !dropped.has(run));
    const drawersOf = (run: LiveRun) => drawers.filter((drawer) => drawer.run === run);
    for (const run of dropped) durable.push(...(await this.#reload(run, consumed.get(run) ?? [], drawersOf(run))));
    const isHeld = ({ taskRunId, claim }: DrawerWrite) => this.dispatcher.find(taskRunId, claim) !== null;
    for (const run of this.#drawers.settle(drawers, dropped, isHeld)) this.#touched.add(run);
    durable.push(...(await this.#limited.settle(beside, results.slice(changed.length), dropped)));
    await this.#dispatch(durable);
    this.#loop.batch.sent(durable.length);
    unreserve();
    if (this.#limited.isBusy) await this.#limited.tick(this.#claims);
    for (const channel of this.#hints) this.#deps.notify(channel);
    this.#hints.clear();
    this.#timer.arm();
  }

  #decide(run: LiveRun, arrivals: readonly Arrival[], now: Instant, builders: Builders): void {
    const events = eventsOf(run, arrivals, {
      now,
      random: () => this.#deps.clock.random(),
      uses: (result) => builderOf(builders, run).addResult(result),
    });
    const record = this.#creates.get(run);
    if (events.length === 0 && !record) return this.#unchanged(run);
    const decision = decide(run.model, events, now);
    this.#timer.set(run, decision.dueAt);
    this.#deps.onWaits(run, run.model.deferred.size > 0);
    const alone = run.stoppedAlone(decision.abort);
    if (decision.transitions.length === 0 && !decision.run && !record && alone.length === 0)
      return this.#unchanged(run, decision.abort);
    const builder = builderOf(builders, run);
    if (record) builder.create = record;
    this.#creates.delete(run);
    builder.decided(decision, alone, now);
    if (run.gone) builder.move(run.gone, now);
    this.#claims.line(run, decision, now);
    if (run.version.alerts !== null) builder.alerts = alertsOf(run, run.version.alerts, decision, now);
  }

  /** There is nothing to record. An ended run that was asked for and does not open again is not held any longer. */
  #unchanged(run: LiveRun, aborts: readonly TaskInstance[] = []): void {
    this.#stop(aborts);
    if (run.hasEnded) this.#end(run);
  }

  /** Only once it is durable that they are to stop: a cancel whose group was dropped may never be recorded. */
  #stop(running: readonly TaskInstance[]): void {
    for (const worker of this.dispatcher.stop(running)) this.#hints.add(workerChannel(worker));
  }

  /** What can't be handed over goes back in line, as if its worker had been lost: it is claimed, and nobody has it. */
  async #dispatch(claimed: readonly Ready[]): Promise<void> {
    for (const { ready, error, counts } of await this.dispatcher.dispatch(claimed)) {
      const { task, index, claim } = ready.instance;
      this.arrive(ready.run, { kind: "lost", task, index, claim, error, counts });
    }
  }

  #applied(builder: GroupBuilder, ids: readonly number[]): void {
    const { run } = builder;
    run.revision++;
    run.movedOver();
    builder.inserted.forEach((instance, i) => void (instance.id = ids[i] ?? 0));
    this.figures.transitions += builder.transitions.length;
    if (builder.emits) this.#hints.add(EVENTS_CHANNEL);
    for (const transition of builder.transitions) this.dispatcher.follow(run, transition);
    this.#stop(builder.aborts);
    if (builder.releases.length > 0) {
      this.#limited.released(builder);
      this.#hints.add(LIMITS_CHANNEL);
    }
    run.tellTransitions(builder.transitions);
    this.#deps.onApplied?.(run, builder.transitions);
    if (builder.alerts.length > 0) this.#deps.onAlerts?.();
    for (const id of builder.results) run.results.delete(id);
    if (run.hasEnded) this.#end(run);
  }

  #end(run: LiveRun): void {
    this.#timer.set(run, null);
    this.dispatcher.forget(run);
    run.tellEnd();
    this.#deps.onEnd(run);
  }

  /**
   * The run is not where it was believed to be: what was decided is worth nothing, and what had arrived is decided again on
   * what the store says. Answers what it says is claimed for this worker and was never handed to it.
   */
  async #reload(
    run: LiveRun,
    arrivals: readonly Arrival[],
    drawers: readonly WaitingDrawer[],
  ): Promise<readonly Ready[]> {
    this.figures.droppedGroups++;
    const stored = await this.#committer.patiently([run], () => this.#deps.store.loadRun(run.id));
    if (!stored) {
      this.#deps.onEnd(run);
      return [];
    }
    run.reload(stored.run, stored.taskRuns);
    this.#limited.desk.changed();
    const unstarted = this.dispatcher.reconcile(run, [...arrivals, ...run.arrivals]);
    // What is claimed for this worker and never reached it is given back: nobody else would notice.
    if (stored.scheduler !== (this.#deps.holder() ?? null) && !isEndedRun(stored.run.state)) {
      this.#release(run, arrivals, drawers);
      return [];
    }
    if (run.hasEnded && !opensAgain(run, arrivals)) {
      this.#end(run);
      return [];
    }
    this.#claims.enqueue(run);
    run.arrivals.unshift({ kind: "begin" }, ...arrivals);
    this.#touched.add(run);
    return unstarted;
  }

  #release(run: LiveRun, arrivals: readonly Arrival[] = [], drawers: readonly WaitingDrawer[] = []): void {
    run.released = true;
    this.#touched.delete(run);
    this.#timer.set(run, null);
    const unheard = [...arrivals, ...run.arrivals.splice(0)];
    const claims = this.dispatcher.release(run, unheard);
    this.#deps.onRelease(run, { claims, unheard, drawers: [...drawers, ...this.#drawers.takeOf(run)] });
    this.dispatcher.forget(run);
  }
}
