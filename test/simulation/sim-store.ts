import type { BackfillAction } from "../../src/core/backfill-state.ts";
import { TuttiError } from "../../src/core/errors.ts";
import type { Backfills, BackfillStep, NewBackfill } from "../../src/store/backfills.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type * as contract from "../../src/store/store.ts";
import type { Alerts } from "../../src/store/alerts.ts";
import type { Calls } from "../../src/store/calls.ts";
import type { Events } from "../../src/store/events.ts";
import type { CommandRefusal } from "../../src/store/command-inbox.ts";
import type { Fleet } from "../../src/store/fleet.ts";
import type { Limits } from "../../src/store/limits.ts";
import type { AdmissionLimits, ScheduleDecision, Schedules } from "../../src/store/schedules.ts";
import type { Actor } from "./sim-clock.ts";
import type { SimEngine } from "./sim-engine.ts";
import { PASSING, unreachable, WIRE } from "./sim-wire.ts";
import { simLimits } from "./sim-limits.ts";
import { isNoAlert, simAlertStore } from "./sim-alert-store.ts";
import { simCallStore } from "./sim-call-store.ts";
import { simEventStore } from "./sim-event-store.ts";
import { SimFleet } from "./sim-fleet.ts";
import { simCacheStore } from "./sim-cache.ts";
import { commitOnePerRun } from "./one-per-run.ts";
import type { World } from "./world.ts";
import { WORLD_FACTS } from "./world-facts.ts";

/**
 * The store as one engine sees it: the real SQLite store, behind a wire that is slow, fails before or after the fact, and
 * may see its engine die in between. Nothing is answered before the simulation says so.
 */
export class SimStore implements contract.Store {
  /** These are no part of what an engine decides by. */
  readonly processes: SqliteStore["processes"];
  readonly access: SqliteStore["access"];
  readonly assets: SqliteStore["assets"];
  readonly secrets: SqliteStore["secrets"];
  readonly webhooks: SqliteStore["webhooks"];
  readonly cache: contract.Store["cache"];
  readonly #real: SqliteStore;
  readonly #engine: SimEngine;
  readonly #world: World;
  readonly #fleet: SimFleet | null;
  /** A batch that was written, and whose answer got lost: asked again, the same answer follows. */
  #unheard: {
    readonly groups: readonly contract.RunGroup[];
    readonly results: readonly contract.GroupResult[];
  } | null = null;

  constructor(real: SqliteStore, engine: SimEngine, world: World) {
    this.#real = real;
    ({ processes: this.processes, access: this.access, assets: this.assets, secrets: this.secrets } = real);
    [this.webhooks, this.cache] = [real.webhooks, simCacheStore(this, real, world)];
    this.#engine = engine;
    this.#world = world;
    this.#fleet = world.database && new SimFleet(world.database, this);
    this.alerts = simAlertStore(this, real, world);
  }

  get fleet(): Fleet {
    return this.#fleet ?? this.#real.fleet;
  }

  /** Asked and answered over the same wire as everything else. */
  readonly schedules: Schedules = {
    list: (workflows, counted) =>
      this.ask("list schedules", false, () => this.#real.schedules.list(workflows, counted)),
    decide: (decisions, scheduler) =>
      this.ask(`decide ${decisions.length} schedules`, true, () => this.#decide(decisions, scheduler)),
    admit: (workflow, limits) => this.ask(`admit runs of ${workflow}`, true, () => this.#admit(workflow, limits)),
    outcomes: (...of) => this.ask("list outcomes", false, () => this.#real.schedules.outcomes(...of)),
    activeRuns: (workflow) => this.ask("list active runs", false, () => this.#real.schedules.activeRuns(workflow)),
    pause: (workflow, by) => this.ask(`pause ${workflow}`, true, () => this.#turn(workflow, by)),
    unpause: (workflow) => this.ask(`unpause ${workflow}`, true, () => this.#turn(workflow, null)),
    beat: (now, gapMs) => this.ask("beat", true, () => this.#real.schedules.beat(now, gapMs)),
    windows: (query) => this.ask("list windows", false, () => this.#real.schedules.windows(query)),
  };

  readonly backfills: Backfills = {
    create: (backfill) => this.ask(`create ${backfill.id}`, true, () => this.#create(backfill)),
    unended: () => this.ask("list backfills", false, () => this.#real.backfills.unended()),
    step: (step) => this.ask(`step ${step.id}`, true, () => this.#step(step)),
    openRuns: (id) => this.ask(`list runs of ${id}`, false, () => this.#real.backfills.openRuns(id)),
    turn: (id, action, now) => this.ask(`${action} ${id}`, true, () => this.#turnBackfill(id, action, now)),
  };

  readonly alerts: Alerts;

  get limits(): Limits {
    return simLimits(this, this.#real);
  }

  get events(): Events {
    return simEventStore(this, this.#real, this.#world, this.#engine.name);
  }

  get calls(): Calls {
    return simCallStore(this, this.#real, this.#world, this.#engine.name);
  }

  deploy(deployment: Parameters<contract.Store["deploy"]>[0]) {
    return this.ask("deploy", true, () => this.#real.deploy(deployment));
  }

  commit(groups: readonly contract.RunGroup[], scheduler?: number) {
    return this.ask(`commit ${groups.map(({ runId }) => runId.slice(-2)).join(" ")}`, true, async () => {
      if (this.#unheard?.groups === groups) return this.#unheard.results;
      const results = await this.#commit(groups, scheduler);
      this.#unheard = { groups, results };
      return results;
    });
  }

  async #decide(decisions: readonly ScheduleDecision[], scheduler: number | undefined) {
    const { database, parts } = this.#world;
    const results = await this.#real.schedules.decide(decisions);
    for (const [place, { runs }] of results.entries())
      for (const { run, held } of decisions[place]!.windows)
        if (run !== null && !held && runs.includes(run.id)) database?.given(run.id, scheduler);
    await parts.schedules?.decided(this.#real, decisions, results, this.#engine.name);
    return results;
  }

  async #admit(workflow: string, limits: AdmissionLimits) {
    const admitted = await this.#real.schedules.admit(workflow, limits);
    await this.#world.parts.schedules?.looksForRoom(this.#real, admitted);
    return admitted;
  }

  async #turn(workflow: string, by: string | null) {
    const { schedules } = this.#real;
    const state = await (by === null ? schedules.unpause(workflow) : schedules.pause(workflow, by));
    await this.#world.parts.schedules?.turned(by !== null, this.#real);
    return state;
  }

  async #create(backfill: NewBackfill) {
    const record = await this.#real.backfills.create(backfill);
    this.#world.parts.backfills?.recorded(record);
    return record;
  }

  async #step(step: BackfillStep) {
    const result = await this.#real.backfills.step(step);
    await this.#world.parts.backfills?.stepped(this.#real, step, result, this.#engine.name);
    return result;
  }

  async #turnBackfill(id: string, action: BackfillAction, now: number) {
    const record = await this.#real.backfills.turn(id, action, now);
    this.#world.parts.backfills?.recorded(record);
    return record;
  }

  registerVersion(version: contract.NewVersion) {
    return this.ask("register a version", true, () => this.#real.registerVersion(version));
  }

  getVersion(id: number) {
    return this.ask(`read version ${id}`, false, () => this.#real.getVersion(id));
  }

  latestVersion(workflow: string) {
    return this.ask("read the latest version", false, () => this.#real.latestVersion(workflow));
  }

  getBundle(hash: string) {
    return this.ask("read a bundle", false, () => this.#real.getBundle(hash));
  }

  loadRun(runId: string) {
    const { database } = this.#world;
    return this.ask(`load run ${runId.slice(-2)}`, false, () => (database ?? this.#real).loadRun(runId));
  }

  unfinishedRuns() {
    return this.ask("list unfinished runs", false, () => this.#real.unfinishedRuns());
  }

  readOutputs(taskRunIds: readonly number[]) {
    return this.ask(`read outputs of ${taskRunIds.join(" ")}`, false, () => this.#real.readOutputs(taskRunIds));
  }

  readSteps(taskRunId: number) {
    return this.ask("read steps", false, () => this.#real.readSteps(taskRunId));
  }

  readInput(taskRunId: number, body: number) {
    return this.ask("read an input", false, () => this.#real.readInput(taskRunId, body));
  }

  readEnds(runId: string, ranges: readonly contract.TaskIdRange[], limit: number) {
    return this.ask("read ends", false, () => this.#real.readEnds(runId, ranges, limit));
  }

  readDrawer(drawer: contract.DrawerKey) {
    return this.ask("read a drawer", false, () => this.#real.readDrawer(drawer));
  }

  readonly pendingCommands = (limit: number) =>
    this.ask("read commands", false, () => this.#real.pendingCommands(limit));
  readonly removeCommands = (ids: readonly number[]) =>
    this.ask("remove commands", true, () => this.#real.removeCommands(ids));
  readonly refuseCommand = (id: number, refusal: CommandRefusal) =>
    this.ask("refuse a command", true, () => this.#real.refuseCommand(id, refusal));

  prune(options: contract.PruneOptions) {
    return this.ask("prune", true, () => this.#real.prune(options));
  }

  async close() {}

  /** As `ask`, but no answer gets lost. */
  askSurely<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.ask(what, false, work);
  }

  async #commit(groups: readonly contract.RunGroup[], scheduler: number | undefined) {
    const { database } = this.#world;
    if (database) return database.commit(groups, scheduler, this.#engine.name);
    const by = { name: this.#engine.name, zombie: false };
    return commitOnePerRun(this.#real, groups, (part, its) => this.#world.committed(this.#real, part, its, by));
  }

  /** What is asked of the database, and answered when the simulation says so. */
  ask<T>(what: string, writes: boolean, work: () => Promise<T>): Promise<T> {
    const { plan } = this.#world;
    const wire: Actor = writes && plan.strikesNow("writeOutlivesEngine") ? WIRE : this.#engine;
    return new Promise((resolve, reject) => {
      this.#later(wire, `store: ${what}`, () => {
        if (!this.#engine.alive) return this.#tooLate(what, work);
        if (this.#engine.isCutOff) return this.#answer("cannot be reached", () => reject(unreachable()));
        if (writes && plan.strikesNow("crashBeforeCommit")) return this.#world.crash(this.#engine, `before "${what}"`);
        const refused = this.#refusal(writes);
        if (refused) return this.#answer(`refused: ${refused.code}`, () => reject(refused));
        void work().then(
          (result) => this.#done(what, writes, result, resolve, reject),
          (error: Error) => this.#answer(`failed: ${String(error)}`, () => reject(error)),
        );
      });
    });
  }

  /** What a dead engine had sent on its way arrives: before the next one has opened the store it counts, afterwards it must not. */
  #tooLate(what: string, work: () => Promise<unknown>): void {
    this.#unheard = null;
    // A database that is shared takes it, if it still holds.
    if (this.#world.database) return void work().catch(() => {});
    const successor = this.#world.engine;
    work().then(
      (result) =>
        successor &&
        !isNoAlert(result) &&
        this.#world.fail(
          WORLD_FACTS.owner,
          `${what} of ${this.#engine.name} was written after ${successor.name} had opened the store`,
        ),
      () => this.#world.note(this.#engine.name, `${what}: refused, it is dead`),
    );
  }

  #done<T>(
    what: string,
    writes: boolean,
    result: T,
    resolve: (result: T) => void,
    reject: (error: Error) => void,
  ): void {
    const { plan, dice } = this.#world;
    if (writes && plan.strikesNow("crashAfterCommit")) return this.#world.crash(this.#engine, `after "${what}"`);
    if (writes && plan.strikesNow("storeFailsAfter")) {
      // A store that knows what it was last given says so; after any other error it must be taken as new.
      const remembers = plan.strikesNow("storeRemembers");
      if (!remembers) this.#unheard = null;
      const lost = new TuttiError(
        remembers ? "STORE_UNREACHABLE" : dice.pick(PASSING),
        "the answer was lost after the fact",
      );
      return this.#answer(`done, but it says ${lost.code}`, () => reject(lost));
    }
    this.#answer("answers", () => resolve(result));
  }

  #refusal(writes: boolean): TuttiError | null {
    const { plan, dice } = this.#world;
    if (writes && plan.strikesNow("storeRefusesForGood")) return new TuttiError("STORE_DAMAGED", "a page is gone");
    if (plan.strikesNow(writes ? "storeFailsBefore" : "readFails"))
      return new TuttiError(dice.pick(PASSING), "not now");
    return null;
  }

  #later(actor: Actor, what: string, call: () => void): void {
    const { clock, plan, dice } = this.#world;
    clock.after(plan.strikesNow("storeIsSlow") ? dice.between(50, 3_000) : dice.between(0, 3), actor, what, call);
  }

  /** Half of the answers are there at once: a step less, and as likely. */
  #answer(what: string, call: () => void): void {
    if (this.#world.dice.chance(0.5)) call();
    else this.#later(this.#engine, `store ${what}`, call);
  }
}
