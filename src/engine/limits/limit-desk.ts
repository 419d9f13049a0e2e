import { addMs } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import { concurrencyLimit, type LimitUse, rankOf } from "../../core/limit.ts";
import type { TaskManifest } from "../../core/manifest.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import type { LimitHolder, LimitReader } from "../../store/limits.ts";
import type { Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import { inputIds } from "../inputs.ts";
import type { LiveRun } from "../live-run.ts";
import { DEFAULT_QUEUE } from "../ready-lines.ts";
import { isQueued, type Ready } from "../ready-queue.ts";
import { ValueCache } from "../value-cache.ts";
import { limitKey } from "./limit-key.ts";
import type { LimitLine } from "./limit-line.ts";
import { type LimitedReady, LimitLines } from "./limit-lines.ts";
import { LimitRooms } from "./limit-rooms.ts";
import { needsKey, usesOf } from "./limit-uses.ts";

export interface LimitDeskDeps {
  readonly store: Pick<Store, "readOutputs"> & { readonly limits: Pick<LimitReader, "usage" | "holders" | "held"> };
  readonly clock: EngineClock;
  /** Whether others take of the same limits. */
  readonly shares: () => boolean;
  /** Somebody may go on who had to wait. */
  readonly wake: () => void;
  /** It does not want to wait for room. */
  readonly skip: (ready: Ready, reason: string) => void;
  /** What it is limited by can't be told. */
  readonly fail: (ready: Ready, error: ErrorData) => void;
  /** Something else has to end, so that there is room for it. */
  readonly oust: (holder: LimitHolder) => void;
}

/** Of what others have done nobody may have told. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Queued task runs that take something of limits, and what is known of the room in them. The store has the last word: it drops a claim that
 * there is no room for. Everything else stands in line elsewhere and never comes here.
 */
export class LimitDesk {
  readonly #deps: LimitDeskDeps;
  readonly #rooms = new LimitRooms();
  readonly #lines = new LimitLines(this.#rooms);
  readonly #values: ValueCache;
  /** By what they are counted is not known yet. */
  #unkeyed: Ready[] = [];
  /** Loaded from what another scheduler has left: they may have been offered, and hold what they take. */
  #loaded: Ready[] = [];
  /** What task runs hold that were claimed or offered here. */
  readonly #held = new Map<number, readonly LimitUse[]>();
  readonly #ousted = new Set<string>();
  #stopTimer: (() => void) | null = null;

  constructor(deps: LimitDeskDeps) {
    this.#deps = deps;
    this.#values = new ValueCache(deps.store);
  }

  /** Whether somebody could be served. */
  get hasWork(): boolean {
    const { hasOpen, hasFilled, hasNews } = this.#lines;
    return this.#loaded.length > 0 || this.#unkeyed.length > 0 || hasOpen || hasFilled || hasNews;
  }

  /** As `LimitLines`: it has to be asked for more once what was taken is recorded. */
  get hasFilled(): boolean {
    return this.#lines.hasFilled;
  }

  push(ready: Ready, isLoaded: boolean): void {
    const { run, instance } = ready;
    if (isLoaded && this.#deps.shares()) return void this.#loaded.push(ready);
    if (needsKey(taskOf(ready))) return void this.#unkeyed.push(ready);
    this.#line(ready, usesOf(run, instance.task, { concurrency: null, rate: null }), false);
  }

  /** All that was taken is recorded: what the store says of a rate that was filled counts it. */
  recorded(): void {
    this.#lines.askForFilled();
  }

  /** Up to `count` task runs that there is room for, the first in line first; the room counts as taken. */
  async take(count: number, queues: readonly string[] | null): Promise<readonly LimitedReady[]> {
    const holding = await this.#holding();
    await this.#readKeys(holding);
    const taken = this.#lines.take(count, queues);
    for (let asked = this.#lines.takeUnknown(); asked.length > 0; asked = this.#lines.takeUnknown()) {
      this.#rooms.learn(await this.#deps.store.limits.usage(asked));
      for (const name of asked) this.#lines.opened(name);
      taken.push(...this.#lines.take(count - taken.length, queues));
    }
    await this.#answerFull();
    this.#arm();
    return taken;
  }

  /** As `take`, of what is known to have room: nothing is asked, because what is decided is not recorded yet. */
  takeKnown(count: number, queues: readonly string[] | null): readonly LimitedReady[] {
    return this.#lines.take(count, queues);
  }

  /** What was taken is durable. */
  holds({ id }: TaskInstance, line: LimitLine): void {
    this.#held.set(id, line.uses);
  }

  /** There was no room after all: others have taken it. They stand in line again. */
  refused(taken: readonly LimitedReady[]): void {
    for (const { entry, line } of taken) {
      for (const { name } of line.uses) this.#rooms.forget(name);
      this.#lines.push(entry, line.queue, line.uses);
    }
  }

  /** Not even tried: they stand in line again, and the room is there. */
  putBack(taken: readonly LimitedReady[]): void {
    for (const { entry, line } of taken) {
      const freed = this.#rooms.release(line.uses);
      this.#lines.push(entry, line.queue, line.uses);
      for (const name of freed) this.#lines.opened(name);
    }
  }

  /** These have given back what they held, and that is durable. */
  released(taskRunIds: readonly number[]): void {
    for (const id of taskRunIds) {
      const uses = this.#held.get(id);
      this.#held.delete(id);
      if (uses) for (const name of this.#rooms.release(uses)) this.#lines.opened(name);
      else this.changed();
    }
  }

  /** What is known may be old: sizes of pools, what others hold, and what a commit has given back whose answer got lost. Answers whether anybody waits for it. */
  changed(): boolean {
    this.#rooms.clear();
    const names = this.#lines.blockedBy;
    for (const name of names) this.#lines.opened(name);
    return names.length > 0;
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  #line(ready: Ready, uses: readonly LimitUse[], holds: boolean): void {
    const { run, instance } = ready;
    const { priority = 0, queue, concurrency } = taskOf(ready);
    const rank = rankOf(instance.queuedAt ?? 0, priority, run.record.backfill !== null);
    const waits = concurrency?.onLimit === undefined;
    this.#lines.push({ ...ready, rank, holds, waits }, queue ?? DEFAULT_QUEUE, uses);
  }

  /** Those that were loaded stand in line with the others, or hold what they take. */
  async #holding(): Promise<ReadonlySet<number>> {
    const loaded = this.#loaded.splice(0).filter(isQueued);
    if (loaded.length === 0) return NONE;
    const held = new Set(await this.#deps.store.limits.held(loaded.map(({ instance }) => instance.id)));
    for (const ready of loaded) {
      const { run, instance } = ready;
      if (needsKey(taskOf(ready))) this.#unkeyed.push(ready);
      else this.#line(ready, usesOf(run, instance.task, { concurrency: null, rate: null }), held.has(instance.id));
    }
    return held;
  }

  async #readKeys(holding: ReadonlySet<number>): Promise<void> {
    const unkeyed = this.#unkeyed.splice(0).filter(isQueued);
    if (unkeyed.length === 0) return;
    const ids = unkeyed.flatMap(({ run, instance }) => inputIds(run, instance));
    const outputs = await this.#values.read([...new Set(ids)]);
    for (const ready of unkeyed) {
      const { run, instance } = ready;
      const { concurrency, rateLimit } = taskOf(ready);
      const keyOf = (path: readonly string[] | undefined) =>
        path === undefined ? null : limitKey(run, instance, path, outputs, this.#values);
      try {
        const keys = { concurrency: keyOf(concurrency?.key), rate: keyOf(rateLimit?.key) };
        this.#line(ready, usesOf(run, instance.task, keys), holding.has(instance.id));
      } catch (thrown) {
        this.#deps.fail(ready, toErrorData(thrown));
      }
    }
  }

  /** Of lines that have no room: those that do not wait for it. */
  async #answerFull(): Promise<void> {
    for (const line of this.#lines.takeFull()) {
      const { first } = line;
      if (!first || first.waits || line.blockedBy === null) continue;
      const { concurrency, name } = taskOf(first);
      const task = first.run.version.record.taskIds[first.instance.task] as number;
      const isIt = `${line.blockedBy} `.startsWith(`${concurrencyLimit(task, null)} `);
      if (!isIt || !concurrency) continue;
      if (concurrency.onLimit === "skip")
        for (const entry of line.drain())
          this.#deps.skip(entry, `${concurrency.limit} of task "${name}" run already, and it says onLimit: "skip"`);
      else await this.#oust(line.blockedBy, line.length);
    }
  }

  async #oust(name: string, count: number): Promise<void> {
    for (const holder of await this.#deps.store.limits.holders(name, count)) {
      const key = `${holder.taskRunId} ${holder.since}`;
      if (this.#ousted.has(key)) continue;
      this.#ousted.add(key);
      this.#deps.oust(holder);
    }
  }

  /** Rings when a rate has room again; and beside others now and then, because a hint may be lost. */
  #arm(): void {
    this.stop();
    const { clock, shares, wake } = this.#deps;
    const rates = this.#lines.blockedBy.flatMap((name) => this.#rooms.freeInMs(name) ?? []);
    const net = shares() && this.#lines.hasBlocked ? [LOOK_AGAIN_MS] : [];
    if (rates.length + net.length === 0) return;
    this.#stopTimer = clock.at(addMs(clock.now(), Math.min(...rates, ...net)), () => {
      this.changed();
      wake();
    });
  }
}

const NONE: ReadonlySet<number> = new Set();

const taskOf = ({ run, instance }: { readonly run: LiveRun; readonly instance: TaskInstance }): TaskManifest =>
  run.version.record.manifest.tasks[instance.task] as TaskManifest;
