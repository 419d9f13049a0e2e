import { TuttiError } from "../../src/core/errors.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type * as contract from "../../src/store/store.ts";
import type { Actor } from "./sim-clock.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";
import { WORLD_FACTS } from "./world-facts.ts";

const PASSING = ["STORE_FULL", "STORE_BUSY", "STORE_IO_ERROR"] as const;

/**
 * The store as one engine sees it: the real SQLite store, behind a wire that is slow, fails before or after the fact, and
 * may see its engine die in between. Nothing is answered before the simulation says so.
 */
export class SimStore implements contract.Store {
  readonly #real: SqliteStore;
  readonly #engine: SimEngine;
  readonly #world: World;
  /** A batch that was written, and whose answer got lost: asked again, the same answer follows. */
  #unheard: {
    readonly groups: readonly contract.RunGroup[];
    readonly results: readonly contract.GroupResult[];
  } | null = null;

  constructor(real: SqliteStore, engine: SimEngine, world: World) {
    this.#real = real;
    this.#engine = engine;
    this.#world = world;
  }

  get fleet() {
    return this.#real.fleet;
  }

  commit(groups: readonly contract.RunGroup[]) {
    return this.#ask(`commit ${groups.map(({ runId }) => runId.slice(-2)).join(" ")}`, true, async () => {
      if (this.#unheard?.groups === groups) return this.#unheard.results;
      const results = await this.#real.commit(groups);
      await this.#world.committed(this.#real, groups, results, { name: this.#engine.name, zombie: false });
      this.#unheard = { groups, results };
      return results;
    });
  }

  registerVersion(version: contract.NewVersion) {
    return this.#ask("register a version", true, () => this.#real.registerVersion(version));
  }

  getVersion(id: number) {
    return this.#ask(`read version ${id}`, false, () => this.#real.getVersion(id));
  }

  latestVersion(workflow: string) {
    return this.#ask("read the latest version", false, () => this.#real.latestVersion(workflow));
  }

  getBundle(hash: string) {
    return this.#ask("read a bundle", false, () => this.#real.getBundle(hash));
  }

  loadRun(runId: string) {
    return this.#ask(`load run ${runId.slice(-2)}`, false, () => this.#real.loadRun(runId));
  }

  unfinishedRuns() {
    return this.#ask("list unfinished runs", false, () => this.#real.unfinishedRuns());
  }

  readOutputs(taskRunIds: readonly number[]) {
    return this.#ask(`read outputs of ${taskRunIds.join(" ")}`, false, () => this.#real.readOutputs(taskRunIds));
  }

  readDrawer(drawer: contract.DrawerKey) {
    return this.#ask("read a drawer", false, () => this.#real.readDrawer(drawer));
  }

  pendingCommands(limit: number) {
    return this.#ask("read commands", false, () => this.#real.pendingCommands(limit));
  }

  removeCommands(ids: readonly number[]) {
    return this.#ask("remove commands", true, () => this.#real.removeCommands(ids));
  }

  prune(options: contract.PruneOptions) {
    return this.#ask("prune", true, () => this.#real.prune(options));
  }

  async close() {}

  #ask<T>(what: string, writes: boolean, work: () => Promise<T>): Promise<T> {
    const { plan } = this.#world;
    const wire: Actor = writes && plan.strikesNow("writeOutlivesEngine") ? WIRE : this.#engine;
    return new Promise((resolve, reject) => {
      this.#later(wire, `store: ${what}`, () => {
        if (!this.#engine.alive) return this.#tooLate(what, work);
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
    const successor = this.#world.engine;
    this.#unheard = null;
    work().then(
      () =>
        successor &&
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

/** Between an engine and its store; what is on it arrives though nobody waits for the answer any more. */
const WIRE: Actor = { name: "wire", alive: true };
