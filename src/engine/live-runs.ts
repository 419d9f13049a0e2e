import { TuttiError } from "../core/errors.ts";
import { isEndedRun, type RunState } from "../core/run-state.ts";
import type { LoadedRun, Store, VersionRecord } from "../store/store.ts";
import { LiveRun } from "./live-run.ts";
import type { LiveVersions } from "./live-version.ts";

export interface LiveRunsDeps {
  readonly store: Pick<Store, "loadRun" | "getVersion">;
  readonly versions: LiveVersions;
  /** Whether a run of that scheduler is this engine's to advance. */
  readonly holds: (scheduler: number | null) => boolean;
  /** An unfinished run was loaded: it goes on. */
  readonly adopt: (run: LiveRun, stored: LoadedRun) => void;
}

/** Runs with something to do in memory at once; more wait their turn before they are accepted. */
const MAX_LIVE_RUNS = 10_000;
/** Those of which a task waits without a slot count by so much less. */
const WAITING_PER_LIVE = 20;

/** The runs that this engine advances: one of each in memory, and who waits for its end. */
export class LiveRuns {
  readonly #deps: LiveRunsDeps;
  readonly #live = new Map<string, LiveRun>();
  readonly #loading = new Map<string, Promise<LiveRun>>();
  readonly #ends = new Map<string, PromiseWithResolvers<RunState>>();
  readonly #waiting: (() => void)[] = [];
  /** How many of them have a task that waits without a slot. */
  #deferred = 0;

  constructor(deps: LiveRunsDeps) {
    this.#deps = deps;
  }

  get(runId: string): LiveRun | undefined {
    return this.#live.get(runId);
  }

  get all(): readonly LiveRun[] {
    return [...this.#live.values()];
  }

  /** How many more it can hold. */
  get free(): number {
    return MAX_LIVE_RUNS - this.#live.size + Math.floor(this.#deferred * (1 - 1 / WAITING_PER_LIVE));
  }

  /** A task of the run waits without a slot, or none does any more. */
  waits(run: LiveRun, waits: boolean): void {
    if (run.waits === waits) return;
    run.waits = waits;
    this.#deferred += waits ? 1 : -1;
    if (waits) this.#waiting.shift()?.();
  }

  /** Pushes back: more runs than fit in memory wait before they are accepted. */
  async room(): Promise<void> {
    while (this.free <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  add(run: LiveRun): void {
    this.#live.set(run.id, run);
  }

  /** A run from memory or the store. Whoever else asks meanwhile gets the same one. */
  async take(runId: string): Promise<LiveRun> {
    const known = this.#live.get(runId) ?? this.#loading.get(runId);
    if (known) return known;
    const loading = this.#read(runId).finally(() => this.#loading.delete(runId));
    this.#loading.set(runId, loading);
    return loading;
  }

  /** An ended run as another version would go on with it: its rows are those of the version it had. @throws TuttiError `VERSION_OF_ANOTHER` */
  async moved(run: LiveRun, to: VersionRecord): Promise<LiveRun> {
    const { store, versions } = this.#deps;
    if (to.workflow !== run.record.workflow)
      throw new TuttiError(
        "VERSION_OF_ANOTHER",
        `Run "${run.id}" is of the workflow "${run.record.workflow}"; a version of "${to.workflow}" can't go on with it.`,
      );
    const stored = await store.loadRun(run.id);
    if (!stored) throw runNotFound(run.id);
    return new LiveRun(await versions.get(to), stored.run, stored.taskRuns, run.version.graph);
  }

  /** When a live run has ended; at once when it is not live. */
  async ended(runId: string): Promise<RunState> {
    if (this.#live.has(runId)) {
      const end = this.#ends.get(runId) ?? Promise.withResolvers<RunState>();
      this.#ends.set(runId, end);
      return end.promise;
    }
    const stored = await this.#deps.store.loadRun(runId);
    if (!stored) throw runNotFound(runId);
    return stored.run.state;
  }

  /** It has ended, and its end is durable. `false`: that was known. */
  end(run: LiveRun): boolean {
    if (this.#live.get(run.id) !== run) return false;
    this.#ends.get(run.id)?.resolve(run.model.header.state);
    this.#remove(run);
    return true;
  }

  /** It is somebody else's now. */
  release(run: LiveRun): void {
    this.#ends.get(run.id)?.reject(heldElsewhere(run.id));
    this.#remove(run);
  }

  die(error: unknown): void {
    for (const end of this.#ends.values()) end.reject(error);
    this.#ends.clear();
  }

  #remove(run: LiveRun): void {
    this.waits(run, false);
    this.#live.delete(run.id);
    this.#ends.delete(run.id);
    this.#waiting.shift()?.();
  }

  async #read(runId: string): Promise<LiveRun> {
    const { store, versions, holds, adopt } = this.#deps;
    const stored = await store.loadRun(runId);
    if (!stored) throw runNotFound(runId);
    const { run: record, taskRuns, scheduler } = stored;
    const ended = isEndedRun(record.state);
    const version = await store.getVersion(record.versionId);
    if (!version)
      throw new TuttiError(
        "VERSION_NOT_FOUND",
        `The version that run "${runId}" began with is no longer in the store.`,
      );
    const compiled = await versions.get(version);
    // Asked last: what was read is worth nothing once the lease under which it was read has ended.
    if (!ended && !holds(scheduler)) throw heldElsewhere(runId);
    // Accepted while it was being looked for: there is one of each run, and what it has started is not lost.
    const accepted = this.#live.get(runId);
    if (accepted) return accepted;
    const run = new LiveRun(compiled, record, taskRuns);
    if (ended) return run;
    this.#live.set(runId, run);
    adopt(run, stored);
    return run;
  }
}

const runNotFound = (runId: string) => new TuttiError("RUN_NOT_FOUND", `There is no run "${runId}".`);

/** A command about it goes to whoever holds it. */
export const heldElsewhere = (runId: string) =>
  new TuttiError(
    "RUN_HELD_ELSEWHERE",
    `Run "${runId}" is advanced by another scheduler. What you ask of it goes through the store: tutti cancel ${runId}, tutti retry ${runId}.`,
  );
