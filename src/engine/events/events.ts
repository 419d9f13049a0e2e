import { addMs, type Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { GivenEvent } from "../../core/event.ts";
import type { SourceAdvance } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import { Admission } from "../firing/admission.ts";
import type { FiredRun } from "../firing/firing.ts";
import type { RunStarter } from "../firing/run-starter.ts";
import { noticeOnce } from "../notice-once.ts";
import { patiently } from "../patience.ts";
import type { KnownTrigger } from "./known-trigger.ts";
import { occurredBefore, occurredNow, type Occurrence } from "./occurrence.ts";
import { type HeardEvent, type PreparedBatch, Publisher, type RecordedBatch, type StartedRun } from "./publisher.ts";
import { mayPass } from "./trigger-verdict.ts";

export interface EventsDeps {
  readonly store: Pick<Store, "events" | "schedules" | "getVersion" | "unfinishedRuns">;
  /** The one that schedules go by: it may be set. */
  readonly clock: EngineClock;
  readonly starter: RunStarter;
  readonly newId: (now: Instant) => string;
  /** Something went wrong that stops nothing. */
  readonly notice: (text: string) => void;
  /** A run was recorded for an event. `schedule`: the trigger that it is for. */
  readonly onStarted: (started: FiredRun) => void;
  /** Something was emitted: whoever waits for it looks. Default: nobody waits. */
  readonly onEmitted?: () => void;
  /** What this process knows of triggers is new. Default: nobody is told. */
  readonly onKnown?: (known: readonly KnownTrigger[]) => void;
  /** The store is looked into this often, in case nobody said that there is something. Default: never. */
  readonly readEveryMs?: number;
}

/** Events that are delivered in one transaction. */
const AT_ONCE = 200;
const TRY_AGAIN_MS = 1_000;

/**
 * Starts the runs that events are for. It sleeps until somebody says that something has happened; what runs have recorded and nobody has
 * delivered is in the store, so nothing is lost with whoever was told. Several on one store each do this; the store takes who is first.
 */
export class Events {
  readonly #deps: EventsDeps;
  readonly #publisher: Publisher;
  readonly #admission: Admission;
  readonly #tellOnce: (text: string) => void;
  /** Recorded, and not begun yet. */
  #beginning: StartedRun[] = [];
  /** The triggers as they were last told of; `null`: never yet. */
  #followed: readonly KnownTrigger[] | null = null;
  /** Ids of runs that the store may have recorded before it failed for good. */
  #doubtful: string[] = [];
  #stopTimer: () => void = () => {};
  #running: Promise<void> | null = null;
  #again = false;
  /** Something could not be had: it is tried again after a while. */
  #retry = false;
  #started = false;
  #stopped = false;

  constructor(deps: EventsDeps) {
    const { store, clock, starter, newId } = deps;
    this.#deps = deps;
    this.#tellOnce = noticeOnce(deps.notice);
    this.#publisher = new Publisher({
      store,
      now: () => clock.now(),
      asker: starter,
      newId,
      scheduler: () => starter.scheduler,
    });
    this.#admission = new Admission({ ...deps, limitsOf: (workflow) => this.#publisher.known.of(workflow)?.limits });
  }

  start(): void {
    this.#started = true;
    this.look();
  }

  /** Something may have been recorded that nobody has delivered. */
  look(): void {
    if (this.#stopped || !this.#started) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Said while it was about to sleep.
      if (this.#again && !this.#retry) this.look();
    });
  }

  /** These workflows were deployed, paused or unpaused. Default: any may have been. */
  changed(workflows?: readonly string[]): void {
    this.#publisher.known.outdate();
    for (const workflow of workflows ?? []) this.#admission.ask(workflow);
    this.look();
  }

  /** A run of the workflow has ended: who follows it starts, and what waited for that may go on. */
  ended(workflow: string): void {
    // Whether runs wait for it is read again: one that is being let in just now may not be the last.
    if (this.#publisher.known.of(workflow)?.limits.holds) this.#publisher.known.outdate();
    this.look();
  }

  /** Delivers nothing more; what it is recording is recorded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#running;
  }

  /** When what it has been told of is delivered. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /**
   * Something has happened. Durable, with the runs that it starts, when the promise resolves. `uid`: whoever may have to ask twice
   * gives the same.
   * @throws what passes: the store or the code could not be had just now
   */
  async publish(uid: string, given: GivenEvent): Promise<readonly HeardEvent[]> {
    const { clock, onEmitted } = this.#deps;
    const { heard } = await this.#deliver([occurredNow(uid, given, clock.now())]);
    onEmitted?.();
    this.look();
    return heard;
  }

  /** What a source has found, with how far it has come. `false`: its turn was over. */
  async found(found: readonly GivenEvent[], advance: SourceAdvance): Promise<boolean> {
    const { clock, newId } = this.#deps;
    const now = clock.now();
    const occurrences = found.map((given) => occurredNow(`found ${newId(now)}`, given, now, advance.subscription));
    const recorded = await this.#deliver(occurrences, advance);
    this.#tellRefused(recorded.heard);
    this.look();
    return recorded.applied;
  }

  /** Everything that has happened by now. */
  async tick(): Promise<void> {
    await this.#begin();
    const { known } = this.#publisher;
    await known.refresh();
    // Whoever emits may have read them before: that they are new is seen here.
    if (known.all !== this.#followed) {
      for (const { record } of known.all) if (record.held > 0) this.#admission.ask(record.workflow);
      this.#deps.onKnown?.(known.all);
      this.#followed = known.all;
    }
    for (let skipped = 0; !this.#stopped;) {
      const pending = await this.#deps.store.events.pending(AT_ONCE + skipped);
      const occurrences = pending.slice(skipped).map(occurredBefore);
      if (occurrences.length === 0) break;
      skipped += await this.#deliverPending(occurrences);
      await this.#begin();
      // What was started begins before the next ones are looked at.
      await new Promise<void>((resolve) => this.#deps.clock.soon(resolve));
    }
    const begun = await this.#admission.tick();
    if (begun.length > 0) known.outdate();
    this.#again ||= begun.length > 0;
  }

  /** Answers how many could not be delivered now. */
  async #deliverPending(occurrences: readonly Occurrence[]): Promise<number> {
    try {
      this.#tellRefused((await this.#deliver(occurrences)).heard);
      if (occurrences.some(({ event }) => event.kind === "event" || event.kind === "run")) this.#deps.onEmitted?.();
      return 0;
    } catch (thrown) {
      if (!mayPass(thrown)) throw thrown;
      this.#tellOnce(`Events can't be delivered now: ${toErrorData(thrown).message}`);
      // One by one: whose code can be had goes on.
      if (occurrences.length === 1) {
        this.#retry = true;
        return 1;
      }
    }
    let skipped = 0;
    for (const occurrence of occurrences) skipped += await this.#deliverPending([occurrence]);
    return skipped;
  }

  async #run(): Promise<void> {
    this.#stopTimer();
    this.#retry = false;
    while (this.#again && !this.#stopped && !this.#retry) {
      this.#again = false;
      await this.#tried();
    }
    if (!this.#stopped) this.#arm();
  }

  async #tried(): Promise<void> {
    try {
      await this.tick();
    } catch (thrown) {
      const { message, code } = toErrorData(thrown);
      this.#tellOnce(`Events can't be delivered now: ${message}${code === undefined ? "" : ` [${code}]`}`);
      this.#publisher.known.outdate();
      this.#retry = true;
    }
  }

  #arm(): void {
    const { clock, readEveryMs } = this.#deps;
    const waitMs = this.#retry ? TRY_AGAIN_MS : readEveryMs;
    if (waitMs === undefined) return;
    this.#stopTimer = clock.at(addMs(clock.now(), waitMs), () => {
      if (!this.#retry) this.#publisher.known.outdate();
      this.look();
    });
  }

  /** A trigger that was deployed, or whose workflow was, in between is asked anew. */
  async #deliver(
    occurrences: readonly Occurrence[],
    advance?: SourceAdvance,
  ): Promise<RecordedBatch & { readonly applied: boolean }> {
    for (let tries = 0; ; tries++) {
      const prepared = await this.#publisher.prepare(occurrences, advance);
      const recorded = await this.#record(prepared);
      if (recorded !== null) return { ...recorded, applied: true };
      if (advance !== undefined && tries > 0) return { heard: [], started: [], applied: false };
      this.#publisher.known.outdate();
      if (tries >= MAX_STALE) throw new Error("the triggers change faster than events are delivered");
    }
  }

  /** The same batch is given again with the same ids until it is answered: recorded before, it is answered as the first time. */
  async #record(prepared: PreparedBatch): Promise<RecordedBatch | null> {
    const { store, clock, starter } = this.#deps;
    const { applied, starts } = await patiently(
      clock,
      () => store.events.record(prepared.batch, starter.scheduler),
      () => this.#stopped,
    ).catch((thrown: unknown) => {
      this.#doubtful.push(...prepared.batch.starts.flatMap(({ run }) => run?.id ?? []));
      this.look();
      throw thrown;
    });
    if (!applied) return null;
    const recorded = this.#publisher.recorded(prepared, starts);
    for (const one of recorded.started) this.#runStarted(one);
    return recorded;
  }

  #runStarted(started: StartedRun): void {
    const { run, version, held, trigger } = started;
    const { intervalStart: start, intervalEnd: end, date, timezone } = run;
    const { workflow } = version;
    this.#deps.onStarted({ runId: run.id, workflow, schedule: trigger, window: { start, end, date, timezone } });
    if (held) this.#admission.ask(workflow);
    else this.#beginning.push(started);
  }

  async #begin(): Promise<void> {
    const doubtful = [...this.#doubtful];
    if (doubtful.length > 0) {
      const unfinished = new Set(await this.#deps.store.unfinishedRuns());
      await this.#deps.starter.take(doubtful.filter((id) => unfinished.has(id)));
      this.#doubtful = this.#doubtful.slice(doubtful.length);
    }
    for (let next = this.#beginning[0]; next !== undefined && !this.#stopped; next = this.#beginning[0]) {
      await this.#deps.starter.begin(next.run, next.version);
      this.#beginning.shift();
    }
  }

  #tellRefused(heard: readonly HeardEvent[]): void {
    for (const { workflow, trigger, error } of heard)
      if (error !== null)
        this.#tellOnce(
          `Trigger "${trigger}" of workflow "${workflow}" started no run: ${error.message}${error.code === undefined ? "" : ` [${error.code}]`}`,
        );
  }
}

const MAX_STALE = 10;
