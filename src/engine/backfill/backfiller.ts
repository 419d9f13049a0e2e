import { addMs, type Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import { decodeValue } from "../../core/value-codec.ts";
import type { BackfillRecord, BackfillStepResult } from "../../store/backfills.ts";
import type { Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import { noticeOnce } from "../notice-once.ts";
import { limitsOf } from "../firing/window-limits.ts";
import { isPassing } from "../patience.ts";
import type { BackfillStarter } from "./backfill-starter.ts";
import { type BackfillCode, KnownBackfill } from "./known-backfill.ts";

export interface BackfillerDeps {
  readonly store: Pick<Store, "backfills" | "getVersion" | "latestVersion">;
  readonly clock: EngineClock;
  readonly starter: BackfillStarter;
  readonly newId: (now: Instant) => string;
  /** Something went wrong that stops nothing. */
  readonly notice: (text: string) => void;
  /** Whether runs go first that are held back for their turn: somebody lets them in. Default: they do. */
  readonly yields?: () => boolean;
  /** Ids of the only ones that it advances; `null`: all. Default: all. */
  readonly only?: () => readonly string[] | null;
  /** The store is looked at this often, in case nobody said that there is something new. Default: never. */
  readonly readEveryMs?: number;
  /** A backfill has ended here, or waits for something that does not come by itself. Default: nobody is told. */
  readonly onRest?: (record: BackfillRecord, waits: BackfillStepResult["waits"]) => void;
}

/** Windows that are judged in one transaction. */
const AT_ONCE = 200;
/** While there is one: what others do for it is seen this late at most. */
const LOOK_EVERY_MS = 2_000;
const AFTER_RIVAL_MS = 1_000;
const TRY_AGAIN_MS = 1_000;
const TRY_LATER_MS = 5_000;
/** A run that was told to stop, and still goes on, is told again. */
const CANCEL_AGAIN_MS = 10_000;
/** What is deployed meanwhile counts this late at most. */
const CODE_MS = 5_000;

/**
 * Runs the windows that backfills ask for, as many at once as they and their workflows allow. Nothing of how far one has come is kept
 * here alone: whoever dies is followed by the next process that looks. Several on one store each do this; the store takes the first
 * step from where a backfill stands.
 */
export class Backfiller {
  readonly #deps: BackfillerDeps;
  readonly #known = new Map<string, KnownBackfill>();
  readonly #tellOnce: (text: string) => void;
  #stopTimer: () => void = () => {};
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(deps: BackfillerDeps) {
    this.#deps = deps;
    this.#tellOnce = noticeOnce(deps.notice);
  }

  start(): void {
    this.#wake();
  }

  /** One was asked for, paused, resumed or cancelled, or a workflow was deployed. */
  changed(): void {
    for (const known of this.#known.values()) known.codeUntil = 0;
    this.#wake();
  }

  /** A run of the workflow has ended: there may be room. */
  ended(workflow: string): void {
    for (const { record } of this.#known.values()) if (record.workflow === workflow) return this.#wake();
  }

  /** Steps no more; what it is recording is recorded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#running;
  }

  /** When what it has been told of is done. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Everything that there is to do now. */
  async tick(): Promise<void> {
    const { store, only } = this.#deps;
    const unended = await store.backfills.unended();
    const ids = only?.() ?? null;
    const records = ids === null ? unended : unended.filter(({ id }) => ids.includes(id));
    for (const id of this.#known.keys()) if (!records.some((record) => record.id === id)) this.#known.delete(id);
    for (const record of records) {
      if (this.#stopped) return;
      await this.#advance(this.#follow(record));
    }
  }

  #follow(record: BackfillRecord): KnownBackfill {
    const known = this.#known.get(record.id) ?? new KnownBackfill(record);
    this.#known.set(record.id, known);
    known.follow(record);
    return known;
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
      this.#tellOnce(`Backfills can't go on now: ${message}${code === undefined ? "" : ` [${code}]`}`);
      // What was sent may have been recorded.
      for (const known of this.#known.values()) known.unsure = true;
      return false;
    }
  }

  #arm(failed: boolean): void {
    const { clock, readEveryMs = Infinity } = this.#deps;
    const busy = [...this.#known.values()].some(({ record }) => record.state !== "paused");
    const ms = failed ? TRY_AGAIN_MS : busy ? Math.min(LOOK_EVERY_MS, readEveryMs) : readEveryMs;
    if (ms < Infinity) this.#stopTimer = clock.at(addMs(clock.now(), ms), () => this.#wake());
  }

  /** What one can't do now is tried later, and keeps no other. */
  async #advance(known: KnownBackfill): Promise<void> {
    const { clock } = this.#deps;
    if (clock.now() < known.notBefore && known.notBefore - clock.now() < TRY_LATER_MS * 1000) return;
    try {
      if (known.record.state === "cancelled") return await this.#stopRuns(known);
      if (known.unsure || known.record.reopens > 0) await this.#takeUp(known);
      while (known.record.state === "running" && !this.#stopped && (await this.#step(known)))
        await new Promise<void>((resolve) => clock.soon(resolve));
    } catch (thrown) {
      if (isPassing(thrown)) throw thrown;
      const { message, code } = toErrorData(thrown);
      known.unsure = true;
      known.notBefore = addMs(clock.now(), TRY_LATER_MS);
      this.#tellOnce(`${nameOf(known)} can't go on now: ${message}${code === undefined ? "" : ` [${code}]`}`);
      if (code?.startsWith("PARAMS_") === true) await this.#pause(known);
    }
  }

  /** Runs that are at work go on, whoever began them, and ended ones that are to be opened again are. */
  async #takeUp(known: KnownBackfill): Promise<void> {
    const open = await this.#deps.store.backfills.openRuns(known.record.id);
    await this.#begin(
      known,
      open.flatMap(({ runId, reopens }) => (reopens ? [] : [runId])),
      open.flatMap(({ runId, reopens }) => (reopens ? [runId] : [])),
    );
    known.unsure = false;
  }

  async #begin(known: KnownBackfill, runs: readonly string[], reopens: readonly string[]): Promise<void> {
    const { starter } = this.#deps;
    // Each waits until the engine has nothing to decide: all of them wait once.
    await Promise.all(runs.map((runId) => starter.take([runId])));
    if (reopens.length === 0) return;
    const { reprocess, version } = known.record.plan;
    const to = version === "latest" ? { version: (await this.#code(known)).version } : {};
    await Promise.all(reopens.map((runId) => starter.reopen(runId, { fresh: reprocess === "all", ...to })));
  }

  /** Whether there may be another one to take at once. */
  async #step(known: KnownBackfill): Promise<boolean> {
    const { store, clock, newId, yields = always } = this.#deps;
    const { id, revision, maxActiveRuns, progress } = known.record;
    const free = maxActiveRuns - progress.running;
    const next = free <= 0 ? [] : known.next(Math.min(AT_ONCE, Math.max(free, known.stride)));
    if (next.length === 0 && progress.running > 0) return false;
    const code = await this.#code(known);
    const now = clock.now();
    const windows = known.candidates(next, code, { now, newId: () => newId(now) });
    known.unsure = true;
    const result = await store.backfills.step({
      id,
      revision,
      versionId: code.version.id,
      windows,
      exhausted: known.exhaustedAfter(windows.length),
      limits: limitsOf(code.version),
      yields: yields(),
      now,
    });
    if (!result.applied || result.after === null) {
      known.notBefore = addMs(clock.now(), AFTER_RIVAL_MS);
      return false;
    }
    known.took(result.judged.length, result.after);
    // Many that are left alone are passed over quickly; where runs fill the room, no more are looked at than fit.
    known.stride = result.judged.length === windows.length ? Math.min(AT_ONCE, known.stride * 2) : 1;
    await this.#begin(known, result.runs, result.reopens);
    known.unsure = false;
    if (result.after.endedAt !== null || result.waits !== null) this.#rest(result.after, result.waits);
    return result.after.endedAt === null && result.waits === null && windows.length > 0;
  }

  #rest(record: BackfillRecord, waits: BackfillStepResult["waits"]): void {
    const { onRest, yields = always } = this.#deps;
    if (record.endedAt !== null) return onRest?.(record, null);
    if (record.progress.running > 0 || waits === null) return;
    if (waits === "past")
      this.#tellOnce(
        `Backfill ${record.id} of workflow "${record.workflow}" waits: a task depends on its past, and the run of the window before did not succeed. Mend it (tutti runs --workflow ${record.workflow} --state failed, then tutti retry), and it goes on.`,
      );
    else if (!yields())
      this.#tellOnce(
        `Backfill ${record.id} waits: runs of workflow "${record.workflow}" that have not ended are as many as its maxActiveRuns (tutti runs --workflow ${record.workflow}).`,
      );
    onRest?.(record, waits);
  }

  /** It was cancelled: its runs stop, and with the last of them it has ended. */
  async #stopRuns(known: KnownBackfill): Promise<void> {
    const { store, clock, starter, onRest } = this.#deps;
    const { id, revision } = known.record;
    const open = await store.backfills.openRuns(id);
    const now = clock.now();
    for (const { runId } of open) {
      if (now < addMs(known.cancelled.get(runId) ?? -Infinity, CANCEL_AGAIN_MS)) continue;
      await starter.cancel(runId);
      known.cancelled.set(runId, now);
    }
    if (open.length > 0) return;
    const limits = { maxActive: null, past: [] };
    const nothing = { versionId: 0, windows: [], exhausted: false, limits, yields: false };
    const result = await store.backfills.step({ id, revision, ...nothing, now });
    if (result.after !== null && result.after.endedAt !== null) onRest?.(result.after, null);
  }

  async #pause({ record }: KnownBackfill): Promise<void> {
    await this.#deps.store.backfills.turn(record.id, "pause", this.#deps.clock.now());
    this.#deps.notice(`Backfill ${record.id} is paused. To go on: tutti backfill resume ${record.id}`);
  }

  /** The newest code there is: what was deployed last, or what was there when the backfill was asked for. */
  async #code(known: KnownBackfill): Promise<BackfillCode> {
    const { store, clock, starter } = this.#deps;
    const now = clock.now();
    if (known.code !== null && now < known.codeUntil && known.codeUntil - now <= CODE_MS * 1000) return known.code;
    const { workflow, versionId, plan } = known.record;
    const latest = await store.latestVersion(workflow);
    const own = versionId === null || versionId <= (latest?.id ?? 0) ? null : await store.getVersion(versionId);
    const version = own ?? latest;
    if (version === null) throw new Error(`no version of workflow "${workflow}" is in the store`);
    const { params } = plan.schedule;
    const input = params === undefined ? undefined : decodeValue(params);
    known.code = { version, input, parsed: await starter.parse(version, input) };
    known.codeUntil = addMs(now, CODE_MS);
    return known.code;
  }
}

const always = (): boolean => true;

const nameOf = ({ record }: KnownBackfill): string => `Backfill ${record.id} of workflow "${record.workflow}"`;
