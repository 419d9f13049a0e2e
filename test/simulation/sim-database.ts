import type { Instant } from "../../src/core/clock.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import type * as fleet from "../../src/store/fleet.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { DrawerWrite, GroupResult, LoadedRun, RunGroup, TaskRunChange } from "../../src/store/store.ts";
import type { World } from "./world.ts";

interface Lease {
  readonly name: string;
  until: Instant;
}

interface Offer extends Omit<fleet.NewOffer, "taskRun"> {
  readonly runId: string;
  readonly taskRunId: number;
}

/**
 * A database that several engines share: the real SQLite store with what PostgreSQL knows beyond it, in memory. Time is its
 * own, as PostgreSQL's is: no engine's wrong clock changes a lease.
 */
export class SimDatabase {
  readonly store: SqliteStore;
  readonly #world: World;
  readonly #schedulers = new Map<number, Lease>();
  readonly #workers = new Map<string, Lease & { readonly record: fleet.NewWorker }>();
  readonly #holders = new Map<string, number>();
  /** A worker's claim moves no revision that a scheduler sees; in the file below it does. */
  readonly #hidden = new Map<string, number>();
  #offers: Offer[] = [];
  #results: fleet.ResultRecord[] = [];
  #numbers = 0;

  constructor(world: World) {
    this.#world = world;
    this.store = new SqliteStore(world.connection, world.clock.now, { now: () => world.clock.now });
  }

  async commit(groups: readonly RunGroup[], scheduler: number | undefined, by: string): Promise<GroupResult[]> {
    const results: GroupResult[] = [];
    for (const group of groups) {
      const fenced = !group.create && this.#holderOf(group.runId) !== scheduler && this.#holderOf(group.runId) !== null;
      const [result] = fenced ? [] : await this.#write([group], by);
      results.push(result ?? { applied: false, ids: [] });
      if (result?.applied) await this.#follow(group, result, scheduler);
    }
    return results;
  }

  async loadRun(runId: string): Promise<LoadedRun | null> {
    const loaded = await this.store.loadRun(runId);
    if (!loaded) return null;
    const run = { ...loaded.run, revision: loaded.run.revision - this.#hiddenOf(runId) };
    return { ...loaded, run, scheduler: isEndedRun(run.state) ? null : this.#holderOf(runId) };
  }

  join({ name, leaseMs }: fleet.NewScheduler): number {
    this.#schedulers.set((this.#numbers += 1), { name, until: this.#in(leaseMs) });
    return this.#numbers;
  }

  keep(id: number, leaseMs: number): boolean {
    const lease = this.#schedulers.get(id);
    if (!lease || !this.#living(lease)) return false;
    lease.until = this.#in(leaseMs);
    return true;
  }

  async leave(id: number): Promise<void> {
    this.#schedulers.delete(id);
    for (const [runId, holder] of this.#holders) {
      if (holder !== id) continue;
      this.#holders.delete(runId);
      await this.#raise(runId);
    }
  }

  /** What was given in an answer that got lost is given again: all that it holds. */
  async take(id: number, limit: number): Promise<string[]> {
    if (!this.#living(this.#schedulers.get(id))) return [];
    const taken: string[] = [];
    for (const runId of await this.store.unfinishedRuns()) {
      if (taken.length >= limit) break;
      const holder = this.#holderOf(runId);
      if (holder !== null && this.#living(this.#schedulers.get(holder))) continue;
      this.#holders.set(runId, id);
      await this.#raise(runId);
      taken.push(runId);
    }
    return taken;
  }

  /** A run that was made outside of a commit is its scheduler's; made anew for one that asks twice, it stays whose it is. */
  given(runId: string, scheduler: number | undefined): void {
    if (scheduler !== undefined && !this.#world.recorded.runs.has(runId)) this.#holders.set(runId, scheduler);
  }

  async held(id: number): Promise<string[]> {
    return (await this.store.unfinishedRuns()).filter((runId) => this.#holderOf(runId) === id);
  }

  keepWorker(record: fleet.NewWorker, leaseMs: number): void {
    this.#workers.set(record.name, { name: record.name, record, until: this.#in(leaseMs) });
  }

  leaveWorker(name: string): void {
    this.#workers.delete(name);
  }

  workers(): fleet.WorkerRecord[] {
    return [...this.#workers.values()].map((worker) => ({
      refusals: [],
      ...worker.record,
      alive: this.#living(worker),
    }));
  }

  async lost(id: number): Promise<fleet.LostTaskRun[]> {
    const lost: fleet.LostTaskRun[] = [];
    for (const runId of await this.held(id)) {
      for (const { id: taskRunId, claim, state, worker } of (await this.store.loadRun(runId))?.taskRuns ?? [])
        if (state === "running" && !this.#living(this.#workers.get(worker ?? "")))
          lost.push({ runId, taskRunId, claim, worker: worker ?? "" });
    }
    return lost;
  }

  /** One group for each task run, so that an offer that was overtaken costs no other. */
  async claim({ worker, queues, versions, limit }: fleet.OfferRequest): Promise<fleet.ClaimedTaskRun[]> {
    if (!this.#living(this.#workers.get(worker))) return [];
    const claimed: fleet.ClaimedTaskRun[] = [];
    for (const offer of this.#offers.slice()) {
      if (claimed.length >= limit) break;
      const loaded = await this.store.loadRun(offer.runId);
      if (!queues.includes(offer.queue)) continue;
      if (loaded && versions && !versions.includes(loaded.run.versionId)) continue;
      this.#offers.splice(this.#offers.indexOf(offer), 1);
      if (!loaded) continue;
      const change: TaskRunChange = { id: offer.taskRunId, claim: offer.claim, kind: "claim", worker, at: this.#now };
      const [result] = await this.#write([groupOf(offer.runId, await this.#revision(offer.runId), [change])], worker);
      if (!result?.applied) continue;
      this.#hide(offer.runId);
      const after = (await this.store.loadRun(offer.runId))!;
      const taskRun = after.taskRuns.find(({ id }) => id === offer.taskRunId)!;
      claimed.push({
        runId: offer.runId,
        versionId: after.run.versionId,
        generation: after.run.generation,
        taskRun,
      });
    }
    return claimed;
  }

  async offeredVersions(queues: readonly string[], except: readonly number[]): Promise<number[]> {
    const versions = new Set<number>();
    for (const { runId, queue } of this.#offers) {
      const version = (await this.store.loadRun(runId))?.run.versionId;
      if (version !== undefined && queues.includes(queue) && !except.includes(version)) versions.add(version);
    }
    return [...versions];
  }

  async writeDrawers(writes: readonly DrawerWrite[]): Promise<boolean[]> {
    const written: boolean[] = [];
    for (const write of writes) {
      const runId = this.#world.recorded.runOf(write.taskRunId);
      const group = runId && { ...groupOf(runId, await this.#revision(runId), []), drawers: [write] };
      const [result] = group ? await this.#write([group], "drawers") : [];
      if (result?.applied && runId) this.#hide(runId);
      written.push(result?.applied ?? false);
    }
    return written;
  }

  async heldClaims(claims: readonly fleet.HeldClaim[]): Promise<fleet.HeldClaimState[]> {
    const { recorded } = this.#world;
    const held: fleet.HeldClaimState[] = [];
    for (const { taskRunId, claim } of claims) {
      const run = recorded.runs.get(recorded.runOf(taskRunId) ?? "");
      if (!run || !recorded.holds(taskRunId, claim)) continue;
      const stop = await this.store.readDrawer({ drawer: "stop", taskRunId });
      held.push({
        taskRunId,
        claim,
        cancelRequested: run.run.cancelRequested,
        stopRequested: stop === String(claim),
      });
    }
    return held;
  }

  addResults(results: readonly fleet.NewResult[]): number[] {
    for (const result of results) this.#results.push({ ...result, id: (this.#numbers += 1) });
    return [...new Set(results.flatMap(({ runId }) => this.#holderOf(runId) ?? []))];
  }

  results(scheduler: number, limit: number): fleet.ResultRecord[] {
    return this.#results.filter(({ runId }) => this.#holderOf(runId) === scheduler).slice(0, limit);
  }

  removeResults(ids: readonly number[]): void {
    this.#results = this.#results.filter(({ id }) => !ids.includes(id));
  }

  async #write(groups: readonly RunGroup[], by: string): Promise<readonly GroupResult[]> {
    const real = groups.map(({ offers: _offers, results: _results, ...group }) =>
      group.create ? group : { ...group, revision: group.revision + this.#hiddenOf(group.runId) },
    );
    const results = await this.store.commit(real);
    await this.#world.committed(this.store, real, results, { name: by, zombie: false });
    return results;
  }

  async #follow(group: RunGroup, { ids, refused = [] }: GroupResult, scheduler: number | undefined): Promise<void> {
    const state = (await this.store.loadRun(group.runId))!.run.state;
    if (isEndedRun(state)) this.#holders.delete(group.runId);
    else if (scheduler !== undefined && this.#holderOf(group.runId) === null) this.#holders.set(group.runId, scheduler);
    this.removeResults(group.results ?? []);
    // What was offered and is decided before anybody has claimed it.
    this.#offers = this.#offers.filter(({ taskRunId }) => group.releases?.includes(taskRunId) !== true);
    for (const { taskRun, ...offer } of group.offers ?? []) {
      const taskRunId = "id" in taskRun ? taskRun.id : (ids[taskRun.insert] as number);
      if (!refused.includes(taskRunId)) this.#offers.push({ ...offer, runId: group.runId, taskRunId });
    }
  }

  /** As a group that changes nothing. */
  async #raise(runId: string): Promise<void> {
    await this.#write([groupOf(runId, await this.#revision(runId), [])], "the database");
  }

  async #revision(runId: string): Promise<number> {
    return ((await this.store.loadRun(runId))?.run.revision ?? 0) - this.#hiddenOf(runId);
  }

  #hide(runId: string): void {
    this.#hidden.set(runId, this.#hiddenOf(runId) + 1);
  }

  #hiddenOf(runId: string): number {
    return this.#hidden.get(runId) ?? 0;
  }

  #holderOf(runId: string): number | null {
    return this.#holders.get(runId) ?? null;
  }

  #living(lease: Lease | undefined): boolean {
    return lease !== undefined && lease.until > this.#now;
  }

  #in(ms: number): Instant {
    return this.#now + ms * 1000;
  }

  get #now(): Instant {
    return this.#world.clock.now;
  }
}

const groupOf = (runId: string, revision: number, changes: readonly TaskRunChange[]): RunGroup => ({
  runId,
  revision,
  create: null,
  run: null,
  inserts: [],
  changes,
  attempts: [],
  drawers: [],
});
