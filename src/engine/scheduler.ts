import { type Decision, decide } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import { isEndedRun } from "../core/run-state.ts";
import { TransitionLog } from "../core/transition.ts";
import type { DrawerWrite, NewRun, Store } from "../store/store.ts";
import { Dispatcher } from "./dispatcher.ts";
import { DueTimer } from "./due-timer.ts";
import { DrawerQueue } from "./drawer-queue.ts";
import type { EngineClock } from "./engine-clock.ts";
import { noFigures } from "./engine-figures.ts";
import { GroupBuilder } from "./group-builder.ts";
import type { LogSink } from "./host-bridge.ts";
import { type Arrival, decidable, type LiveRun } from "./live-run.ts";
import { patiently } from "./patience.ts";
import { type Ready, ReadyQueue } from "./ready-queue.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface SchedulerDeps {
  readonly store: Store;
  readonly host: WorkerHost;
  readonly clock: EngineClock;
  readonly logs: LogSink;
  /** A run has ended, and its end is durable. */
  readonly onEnd: (run: LiveRun) => void;
  /** The store refuses for good: the engine stops, and what is not durable is lost with it. */
  readonly onFatal: (error: unknown) => void;
}

/** How often an engine which is closing asks the store. */
const LAST_TRIES = 3;

/**
 * The hot path. A tick takes everything that has arrived, decides run by run, commits it with the claims of the
 * next tasks in one transaction, and hands the claimed tasks to the worker. Ticks never overlap.
 */
export class Scheduler {
  readonly figures = noFigures();
  readonly #deps: SchedulerDeps;
  readonly #dispatcher: Dispatcher;
  readonly #ready = new ReadyQueue();
  readonly #touched = new Set<LiveRun>();
  readonly #creates = new Map<LiveRun, NewRun>();
  readonly #drawers = new DrawerQueue();
  readonly #timer: DueTimer<LiveRun>;
  #scheduled = false;
  #ticking = false;
  #draining = false;
  #dead = false;
  #idle: (() => void)[] = [];

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#timer = new DueTimer(deps.clock, (run) => this.arrive(run, { kind: "due" }));
    this.#dispatcher = new Dispatcher(
      { readOutputs: (ids) => this.#patiently([], () => deps.store.readOutputs(ids)) },
      deps.host,
    );
  }

  /** Something has happened to a run: it is decided with the next tick. */
  arrive(run: LiveRun, arrival: Arrival): void {
    run.arrivals.push(arrival);
    this.#touched.add(run);
    this.#wake();
  }

  /** A run that the store does not know yet: it is recorded together with its first decision. */
  create(run: LiveRun, record: NewRun): void {
    this.#creates.set(run, record);
    this.arrive(run, { kind: "begin" });
  }

  /** Durable when the promise resolves. */
  writeDrawer(run: LiveRun, write: DrawerWrite): Promise<void> {
    const written = this.#drawers.add(run, write);
    this.#touched.add(run);
    this.#wake();
    return written;
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  /** Nothing runs, and nothing has arrived. */
  get idle(): boolean {
    return !this.#ticking && !this.#scheduled && this.#touched.size === 0 && this.#dispatcher.runningCount === 0;
  }

  /** Claims nothing more. */
  drain(): void {
    this.#draining = true;
  }

  /** When everything that has arrived is durable. */
  settled(): Promise<void> {
    if (!this.#ticking && !this.#scheduled) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    this.#timer.stop();
  }

  #wake(): void {
    if (this.#scheduled || this.#ticking || this.#dead) return;
    this.#scheduled = true;
    this.#deps.clock.soon(() => {
      this.#scheduled = false;
      void this.#loop();
    });
  }

  async #loop(): Promise<void> {
    this.#ticking = true;
    try {
      do await this.#tick();
      while (this.#touched.size > 0);
    } catch (error) {
      this.#dead = true;
      this.#deps.onFatal(error);
    }
    this.#ticking = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #tick(): Promise<void> {
    const { clock } = this.#deps;
    const now = clock.now();
    const builders = new Map<LiveRun, GroupBuilder>();
    const consumed = new Map<LiveRun, Arrival[]>();
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const run of touched) {
      consumed.set(run, run.arrivals.splice(0));
      this.#decide(run, consumed.get(run) ?? [], now, builders);
    }
    const drawers = this.#drawers.take();
    for (const { run, write } of drawers) builderOf(builders, run).addDrawer(write);
    const claimed = this.#claim(now, builders);
    const changed = [...builders.values()];
    const results = await this.#commit(changed);
    const dropped = new Set<LiveRun>();
    changed.forEach((builder, i) => {
      const result = results[i];
      if (result?.applied) this.#applied(builder, result.ids);
      else dropped.add(builder.run);
    });
    const durable = claimed.filter(({ run }) => !dropped.has(run));
    for (const run of dropped) durable.push(...(await this.#reload(run, consumed.get(run) ?? [])));
    for (const drawer of drawers) {
      const { run, write, settle } = drawer;
      if (!dropped.has(run)) settle(null);
      else if (this.#drawers.tryAgain(drawer, this.#dispatcher.find(write.taskRunId, write.claim) !== null))
        this.#touched.add(run);
    }
    await this.#dispatch(durable);
    this.#timer.arm();
  }

  #decide(run: LiveRun, arrivals: readonly Arrival[], now: Instant, builders: Map<LiveRun, GroupBuilder>): void {
    const events = arrivals.flatMap((arrival) => decidable(run, arrival, () => this.#deps.clock.random()) ?? []);
    const record = this.#creates.get(run);
    if (events.length === 0 && !record) return;
    const decision = decide(run.model, events, now);
    this.#timer.set(run, decision.dueAt);
    if (decision.transitions.length === 0 && !decision.run && !record) return;
    const builder = builderOf(builders, run);
    if (record) builder.create = record;
    this.#creates.delete(run);
    builder.add(decision.transitions);
    if (decision.run) builder.changeRun(decision.run, now);
    this.#line(run, decision, now);
    for (const { id, claim } of decision.abort) this.#deps.host.abort(id, claim, "cancelled");
  }

  /**
   * While its turn lasts, a run goes on in the slots that its own tasks leave: a hop is then one group that inserts a
   * running row, not one that inserts a queued row and later another that claims it.
   */
  #line(run: LiveRun, { transitions, queued }: Decision, now: Instant): void {
    let left = 0;
    if (run.hasTurn(now)) for (const { from } of transitions) if (from === "running") left++;
    for (const instance of queued) {
      if (left-- > 0) this.#ready.pushFirst({ run, instance });
      else this.#ready.push({ run, instance });
    }
  }

  /** Takes as many queued task runs as the worker has room for; the claim is durable before the task starts. */
  #claim(now: Instant, builders: Map<LiveRun, GroupBuilder>): Ready[] {
    // A slot whose task ends in this very tick is free for the next.
    let freed = 0;
    for (const { transitions } of builders.values())
      for (const { from, instance } of transitions)
        if (from === "running" && this.#dispatcher.holds(instance.id)) freed++;
    const free = this.#draining ? 0 : this.#dispatcher.free + freed;
    const claimed = free > 0 ? this.#ready.take(free) : [];
    const logs = new Map<LiveRun, TransitionLog>();
    for (const { run, instance } of claimed) {
      let log = logs.get(run);
      if (!log) logs.set(run, (log = new TransitionLog(now)));
      log.claimed(instance, this.#deps.host.name);
      run.takeTurn(now);
    }
    for (const [run, log] of logs) builderOf(builders, run).add(log.transitions);
    return claimed;
  }

  /** A store that can't take the batch now gets it again until it can: everything is kept, nothing starts meanwhile. */
  async #commit(builders: readonly GroupBuilder[]) {
    if (builders.length === 0) return [];
    const groups = builders.map((builder) => builder.build());
    const { clock, store, logs } = this.#deps;
    logs.flush();
    const start = clock.now();
    const results = await this.#patiently(
      builders.map(({ run }) => run),
      () => store.commit(groups),
    );
    this.figures.ticks++;
    this.figures.groups += groups.length;
    this.figures.commitMs += (clock.now() - start) / 1000;
    return results;
  }

  #patiently<T>(runs: readonly LiveRun[], ask: () => Promise<T>): Promise<T> {
    return patiently(this.#deps.clock, ask, (error, tries) => {
      for (const run of runs) run.tell({ kind: "trouble", error });
      return this.#draining && tries > LAST_TRIES;
    });
  }

  /** What can't be handed over goes back in line, as if its worker had been lost: it is claimed, and nobody has it. */
  async #dispatch(claimed: readonly Ready[]): Promise<void> {
    for (const { ready, error } of await this.#dispatcher.dispatch(claimed)) {
      const why = { state: "failed", error, rule: null, retryAfterMs: null, final: false } as const;
      const { task, index, claim } = ready.instance;
      this.arrive(ready.run, { kind: "lost", task, index, claim, why, counts: true });
    }
  }

  #applied(builder: GroupBuilder, ids: readonly number[]): void {
    const { run } = builder;
    run.revision++;
    builder.inserted.forEach((instance, i) => {
      instance.id = ids[i] ?? 0;
    });
    this.figures.transitions += builder.transitions.length;
    for (const transition of builder.transitions) this.#dispatcher.follow(run, transition);
    run.tellTransitions(builder.transitions);
    if (isEndedRun(run.model.header.state)) this.#end(run);
  }

  #end(run: LiveRun): void {
    this.#timer.set(run, null);
    this.#dispatcher.forget(run);
    run.tell({ kind: "run", state: run.model.header.state, counts: run.counts() });
    this.#deps.onEnd(run);
  }

  /**
   * The run is not where it was believed to be: what was decided is worth nothing, and what had arrived is decided again on
   * what the store says. Answers what it says is claimed for this worker and was never handed to it.
   */
  async #reload(run: LiveRun, arrivals: readonly Arrival[]): Promise<readonly Ready[]> {
    this.figures.droppedGroups++;
    const stored = await this.#patiently([run], () => this.#deps.store.loadRun(run.id));
    if (!stored) {
      this.#deps.onEnd(run);
      return [];
    }
    run.reload(stored.run, stored.taskRuns);
    const unstarted = this.#dispatcher.reconcile(run, [...arrivals, ...run.arrivals]);
    if (isEndedRun(run.model.header.state) && !arrivals.some(({ kind }) => kind === "retry")) {
      this.#end(run);
      return [];
    }
    this.enqueue(run);
    run.arrivals.unshift({ kind: "begin" }, ...arrivals);
    this.#touched.add(run);
    return unstarted;
  }

  /** A loaded run's queued task runs stand in line again. */
  enqueue(run: LiveRun): void {
    for (const instance of run.queued()) this.#ready.push({ run, instance });
  }
}

function builderOf(builders: Map<LiveRun, GroupBuilder>, run: LiveRun): GroupBuilder {
  let builder = builders.get(run);
  if (!builder) builders.set(run, (builder = new GroupBuilder(run)));
  return builder;
}
