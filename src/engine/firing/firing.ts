import { addMs, type Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { Window } from "../../core/window.ts";
import { isAhead, type ScheduleDecisionResult } from "../../store/schedules.ts";
import type { NewRun, Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import { noticeOnce } from "../notice-once.ts";
import { patiently } from "../patience.ts";
import { Admission } from "./admission.ts";
import type { KnownSchedule } from "./known-schedule.ts";
import { KnownSchedules } from "./known-schedules.ts";
import type { RunStarter } from "./run-starter.ts";
import { type WindowRuns, windowRuns } from "./window-run.ts";

export interface FiringDeps {
  readonly store: Pick<Store, "schedules" | "getVersion">;
  /** The one that schedules go by: it may be set, by an hour or a year. */
  readonly clock: EngineClock;
  readonly starter: RunStarter;
  readonly newId: (now: Instant) => string;
  /** Something went wrong that stops nothing. */
  readonly notice: (text: string) => void;
  /** A run was recorded for a window. */
  readonly onFired: (fired: FiredRun) => void;
  /** Schedules of the store are read anew this often, in case nobody said that they changed. Default: never. */
  readonly readEveryMs?: number;
}

export interface FiredRun {
  readonly runId: string;
  readonly workflow: string;
  readonly schedule: string;
  readonly window: Window;
}

/** Schedules that are decided about in one transaction, and the runs at which it has enough of them. */
const AT_ONCE = 250;
const BEAT_MS = 10_000;
/** Nobody beat for longer than this: no scheduler was up. */
const GAP_MS = 30_000;
const TRY_AGAIN_MS = 1_000;

/**
 * Makes the runs that schedules owe. It sleeps until the earliest of them is due, on one timer, and reads a schedule again only when it
 * changed. Wrong about the time when the clock is: then it decides too early, late or not at all, but never twice, because the store
 * knows which windows were decided. Several on one store each do this; the store takes the first decision about a window.
 */
export class Firing {
  readonly #deps: FiringDeps;
  readonly #known: KnownSchedules;
  readonly #admission: Admission;
  readonly #tellOnce: (text: string) => void;
  /** Sent to the store, and not answered for good: it may be recorded. */
  #unheard: readonly WindowRuns[] = [];
  /** Recorded, and not begun yet. */
  #beginning: { readonly run: NewRun; readonly known: KnownSchedule }[] = [];
  #upSince: Instant = 0;
  #beatAt: Instant | null = null;
  #readAt: Instant = 0;
  #stopTimer: () => void = () => {};
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(deps: FiringDeps) {
    this.#deps = deps;
    this.#tellOnce = noticeOnce(deps.notice);
    this.#known = new KnownSchedules(deps.store);
    this.#admission = new Admission({ ...deps, limitsOf: (workflow) => this.#known.of(workflow)[0]?.limits });
  }

  start(): void {
    this.#wake();
  }

  /** These workflows were deployed, paused or unpaused. Default: any may have been. */
  changed(workflows?: readonly string[]): void {
    this.#known.outdate(workflows);
    for (const workflow of workflows ?? []) this.#admission.ask(workflow);
    this.#wake();
  }

  /** A run of the workflow has ended: what waited for that may go on. */
  ended(workflow: string): void {
    if (!this.#known.of(workflow).some(({ dependsOnRuns }) => dependsOnRuns)) return;
    this.#known.outdate([workflow]);
    this.#admission.ask(workflow);
    this.#wake();
  }

  /** Decides nothing more; what it is recording is recorded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#running;
  }

  /** When what it has been told of is decided. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Everything that is due now. */
  async tick(): Promise<void> {
    await this.#record(this.#unheard);
    await this.#begin();
    while (!this.#stopped) {
      await this.#refresh();
      const due = this.#due();
      if (due.length === 0) break;
      for (let from = 0; from < due.length && !this.#stopped; from += AT_ONCE)
        await this.#fire(due.slice(from, from + AT_ONCE));
    }
    const begun = await this.#admission.tick();
    this.#known.outdate(begun);
    this.#again ||= begun.length > 0;
  }

  #due(): readonly KnownSchedule[] {
    return this.#known.due(this.#deps.clock.now());
  }

  #wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  async #run(): Promise<void> {
    this.#stopTimer();
    let failed = false;
    while (this.#again && !this.#stopped && !failed) {
      this.#again = false;
      failed = !(await this.#tried());
    }
    if (!this.#stopped) this.#arm(failed);
  }

  async #tried(): Promise<boolean> {
    try {
      await this.tick();
      return true;
    } catch (thrown) {
      const { message, code } = toErrorData(thrown);
      this.#tellOnce(`Schedules can't be decided about now: ${message}${code === undefined ? "" : ` [${code}]`}`);
      this.#known.outdate();
      return false;
    }
  }

  /** Waits no longer than a beat: a clock that is set meanwhile is noticed then. */
  #arm(failed: boolean): void {
    const { clock, readEveryMs } = this.#deps;
    const now = clock.now();
    if (this.#known.size === 0 && !failed && readEveryMs === undefined) return;
    const next = failed ? addMs(now, TRY_AGAIN_MS) : (this.#known.nextDueAt() ?? Infinity);
    this.#stopTimer = clock.at(Math.min(next, addMs(now, BEAT_MS)), () => this.#wake());
  }

  async #refresh(): Promise<void> {
    const { clock, readEveryMs = Infinity } = this.#deps;
    const now = clock.now();
    if (Math.abs(now - this.#readAt) >= readEveryMs * 1000) {
      this.#known.outdate();
      this.#readAt = now;
    }
    const read = await this.#known.refresh();
    const wasUpSince = this.#upSince;
    if (this.#known.size > 0) await this.#beat(now);
    for (const known of this.#upSince === wasUpSince ? read : this.#known) this.#plan(known);
    for (const known of read) this.#tellAhead(known);
    for (const { record } of read) if (record.held > 0) this.#admission.ask(record.workflow);
  }

  async #beat(now: Instant): Promise<void> {
    if (this.#beatAt !== null && now >= this.#beatAt && now < addMs(this.#beatAt, BEAT_MS)) return;
    this.#upSince = await this.#deps.store.schedules.beat(now, GAP_MS);
    this.#beatAt = now;
  }

  #plan(known: KnownSchedule): void {
    const now = this.#deps.clock.now();
    known.plan(now, this.#upSince);
  }

  #tellAhead(known: KnownSchedule): void {
    const now = this.#deps.clock.now();
    const { cursor, workflow, name } = known.record;
    if (cursor !== null && isAhead(cursor, addMs(now, GAP_MS)))
      this.#tellOnce(
        `Schedule "${name}" of workflow "${workflow}" is decided up to ${cursor.end} (${cursor.timezone}), which has not come yet: the clock was ahead. Until then it starts nothing. To begin anew from now: tutti pause ${workflow}, then tutti unpause ${workflow} [${CLOCK_WAS_AHEAD}]`,
      );
  }

  async #fire(due: readonly KnownSchedule[]): Promise<void> {
    const rest = [...(await this.#fresh(due))].reverse();
    const runsOf = new Map<string, number>();
    while (rest.length > 0 && !this.#stopped) {
      await this.#record(await this.#decide(rest, runsOf));
      // What was fired begins before the next ones are looked at.
      await new Promise<void>((resolve) => this.#deps.clock.soon(resolve));
    }
  }

  /** The same batch is given again with the same ids until it is answered: recorded before, it is answered as the first time. */
  async #record(runs: readonly WindowRuns[]): Promise<void> {
    const { store, clock, starter } = this.#deps;
    if (runs.length === 0) return;
    this.#unheard = runs;
    const results = await patiently(
      clock,
      () =>
        store.schedules.decide(
          runs.map(({ decision }) => decision),
          starter.scheduler,
        ),
      () => this.#stopped,
    );
    this.#unheard = [];
    for (const [place, made] of runs.entries()) this.#recorded(made, results[place]!);
    await this.#begin();
  }

  async #begin(): Promise<void> {
    for (let next = this.#beginning[0]; next !== undefined && !this.#stopped; next = this.#beginning[0]) {
      await this.#deps.starter.begin(next.run, next.known.version);
      this.#beginning.shift();
    }
  }

  /** What depends on runs, and what another scheduler may have decided by now, is read once more. */
  async #fresh(due: readonly KnownSchedule[]): Promise<readonly KnownSchedule[]> {
    const { clock } = this.#deps;
    const old = due.filter(({ dependsOnRuns, hasRival }) => dependsOnRuns || hasRival);
    if (old.length === 0) return due;
    this.#known.outdate(old.map(({ record }) => record.workflow));
    for (const known of await this.#known.refresh()) this.#plan(known);
    const now = clock.now();
    return due.flatMap(({ record: { id, workflow } }) =>
      this.#known.of(workflow).filter(({ record, dueAt }) => record.id === id && dueAt !== null && dueAt <= now),
    );
  }

  /** Takes from the end of `due` what one transaction has room for. `runsOf`: those of workflows that were decided since it was read. */
  async #decide(due: KnownSchedule[], runsOf: Map<string, number>): Promise<WindowRuns[]> {
    const { clock, starter, newId } = this.#deps;
    const made: WindowRuns[] = [];
    let total = 0;
    for (let known = due.pop(); known !== undefined; known = total < AT_ONCE ? due.pop() : undefined) {
      const now = clock.now();
      const { workflow } = known.record;
      const before = runsOf.get(workflow) ?? 0;
      const decided = known.decide(now, this.#upSince, before);
      if (decided.length === 0) {
        this.#plan(known);
        continue;
      }
      try {
        const runs = await windowRuns(known, decided, starter, { now, newId: () => newId(now) });
        const count = runs.decision.windows.filter(({ run }) => run !== null).length;
        runsOf.set(workflow, before + count);
        total += count;
        made.push(runs);
      } catch (thrown) {
        known.notBefore = addMs(now, TRY_AGAIN_MS * 5);
        this.#tellOnce(`${nameOf(known)} can't start its run now: ${toErrorData(thrown).message}`);
      }
    }
    return made;
  }

  #recorded({ known, decision, refused }: WindowRuns, { applied, runs }: ScheduleDecisionResult): void {
    const { onFired, notice } = this.#deps;
    const { workflow } = known.record;
    if (!applied) {
      known.hasRival = true;
      return this.#known.outdate([workflow]);
    }
    if (refused !== null) notice(`${nameOf(known)} started no run: ${refused.message} [${refused.code}]`);
    const made = new Set(runs);
    if (!known.advance(decision, made.size)) this.#plan(known);
    for (const { run, held } of decision.windows) {
      if (run === null || !made.has(run.id)) continue;
      const { intervalStart: start, intervalEnd: end, date, timezone } = run;
      const window = { start, end, date, timezone };
      onFired({ runId: run.id, workflow, schedule: known.record.name, window });
      if (held) this.#admission.ask(workflow);
      else this.#beginning.push({ run, known });
    }
  }
}

const CLOCK_WAS_AHEAD = "CLOCK_WAS_AHEAD";

const nameOf = ({ record }: KnownSchedule): string => `Schedule "${record.name}" of workflow "${record.workflow}"`;
