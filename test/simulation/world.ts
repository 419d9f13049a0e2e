import fc from "fast-check";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { GroupResult, RunGroup, VersionRecord } from "../../src/store/store.ts";
import { migrate, sqliteMigrations } from "../../src/store/sqlite/migrator.ts";
import { SqliteConnection } from "../../src/store/sqlite/sqlite-connection.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { T0 } from "../../src/testing/store-samples.ts";
import { randomManifest } from "../support/random-manifest.ts";
import { Dice } from "./dice.ts";
import { FaultPlan, type Strike } from "./fault-plan.ts";
import { DrawersAreFenced } from "./invariants/drawers-are-fenced.ts";
import { invariants } from "./invariant-list.ts";
import { type Invariant, type Start, Violation } from "./invariant.ts";
import { outcomesOf } from "./outcomes.ts";
import { Recorded } from "./recorded.ts";
import { type Actor, SimClock } from "./sim-clock.ts";
import { SimEngine } from "./sim-engine.ts";
import { SimRival } from "./sim-rival.ts";
import { SimUser } from "./sim-user.ts";
import { SimZombie } from "./sim-zombie.ts";
import { Trace } from "./trace.ts";
import { WORLD_FACTS } from "./world-facts.ts";

export interface Story {
  readonly seed: number;
  readonly steps: number;
  readonly runs: number;
  readonly commits: number;
  readonly engines: number;
  readonly violation: Violation | null;
  readonly trace: Trace;
}

/** Faults come for this long; then the world must come to rest by itself, within as many steps again as a bound on them. */
const STORM_MS = 25_000;
const MAX_STEPS = 20_000;
const MIGRATIONS = sqliteMigrations();

/** One simulated world: the real engine, its store, its workers and its users, all of it decided by one seed. */
export class World {
  readonly dice: Dice;
  readonly trace = new Trace();
  readonly clock: SimClock;
  readonly plan: FaultPlan;
  readonly recorded = new Recorded();
  readonly outcomes: ReturnType<typeof outcomesOf>;
  readonly slots: number;
  readonly connection = new SqliteConnection(":memory:", { readOnly: false });
  readonly user: SimUser;
  readonly drawers = new DrawersAreFenced((fact, what) => this.fail(fact, what));
  readonly #zombie: SimZombie;
  readonly #rival: SimRival;
  readonly #invariants: readonly Invariant[];
  readonly #versions: VersionRecord[] = [];
  readonly #seed: number;
  /** The engine that lives; `null`: the last one is dead and the next not yet there. */
  engine: SimEngine | null = null;
  #violation: Violation | null = null;
  #engines = 0;
  #commits = 0;

  private constructor(seed: number) {
    this.#seed = seed;
    this.dice = new Dice(seed);
    this.clock = new SimClock(this.dice, this.trace);
    this.plan = new FaultPlan(this.dice);
    this.outcomes = outcomesOf(seed);
    this.slots = 1 + this.dice.below(5);
    this.user = new SimUser(this);
    this.#zombie = new SimZombie(this);
    this.#rival = new SimRival(this);
    this.#invariants = [...invariants({ outcomes: this.outcomes }), this.drawers];
  }

  /** Plays the world of this seed to its end, or to the first thing that is wrong. */
  static async play(seed: number): Promise<Story> {
    const world = new World(seed);
    try {
      await world.#open();
      await world.#storm();
      await world.#calm();
    } catch (error) {
      world.fail("the simulation itself works", String((error as Error).stack));
    } finally {
      world.connection.close();
    }
    return {
      seed,
      steps: world.clock.steps,
      runs: world.recorded.runs.size,
      commits: world.#commits,
      engines: world.#engines,
      violation: world.#violation,
      trace: world.trace,
    };
  }

  versionFor(runId: string): VersionRecord {
    return this.#versions[Number(runId.slice(-2)) % this.#versions.length] as VersionRecord;
  }

  note(who: string, what: string): void {
    this.trace.note(this.clock.now, who, what);
  }

  /** The first violation counts: what comes after may follow from it. */
  fail(fact: string, what: string): void {
    if (this.#violation) return;
    this.#violation = new Violation(fact, what);
    this.note("VIOLATION", this.#violation.message);
  }

  /** Somebody wrote: reads the truth back and looks at it. */
  async committed(
    store: SqliteStore,
    groups: readonly RunGroup[],
    results: readonly GroupResult[],
    by: { name: string; zombie: boolean },
  ): Promise<void> {
    this.#commits++;
    for (const [place, group] of groups.entries()) {
      const result = results[place] as GroupResult;
      if (!result.applied)
        this.note("store", `drops the group of run ${group.runId.slice(-2)} at revision ${group.revision}`);
      const commit = await this.recorded.committed(store, group, result, by);
      this.#judge((invariant) => invariant.committed?.(commit, this.recorded));
    }
  }

  started(start: Start): void {
    this.#judge((invariant) => invariant.started?.(start, this.recorded));
  }

  /** An engine dies where it stands, and its workers with it; later another one opens the store. */
  crash(engine: SimEngine, why: string): void {
    if (!engine.alive) return;
    this.note(engine.name, `DIES ${why}`);
    engine.kill();
    this.engine = null;
    this.clock.after(this.dice.between(0, 2_000), WORLD, "the next engine starts", () => this.#nextEngine());
  }

  async #open(): Promise<void> {
    migrate(this.connection, T0, MIGRATIONS);
    const store = new SqliteStore(this.connection, T0);
    const manifests = fc.sample(randomManifest(8), { seed: this.#seed, numRuns: 2 });
    for (const [place, manifest] of manifests.entries()) {
      const hash = `v${place}`;
      const bundle = { hash, code: "", map: null };
      const version = await store.registerVersion({
        hash,
        manifest: this.#varied(manifest, place),
        bundle,
        file: "f",
        outside: {},
        createdAt: T0,
      });
      this.#versions.push(version);
      this.recorded.know(version);
    }
    this.note("world", `seed ${this.#seed}, ${this.slots} slots, faults: ${String(this.plan)}`);
    this.#nextEngine();
    this.user.begin();
  }

  #varied(manifest: WorkflowManifest, place: number): WorkflowManifest {
    const tasks = manifest.tasks.map((task) =>
      this.plan.strikesNow("onWorkerLostFail") ? { ...task, onWorkerLost: "fail" as const } : task,
    );
    return { ...manifest, name: `flow${place}`, tasks };
  }

  #nextEngine(): void {
    this.engine = new SimEngine(++this.#engines, this);
    void this.engine.resumeAll();
  }

  async #storm(): Promise<void> {
    for (const { strike, everyMs } of this.plan.strikes) this.#strikeLater(strike, everyMs);
    const end = T0 + STORM_MS * 1000;
    while (!this.#violation && this.clock.now < end && (await this.clock.step()))
      if (this.clock.steps > MAX_STEPS) break;
    this.plan.calm = true;
    this.note("world", "no fault comes any more");
  }

  /** Nothing is stuck: when no fault comes, everything ends and nothing is left to happen. */
  async #calm(): Promise<void> {
    const bound = this.clock.steps + MAX_STEPS;
    while (!this.#violation && (await this.clock.step())) {
      if (this.clock.steps > bound)
        return this.fail(WORLD_FACTS.stuck, `the world is still busy after ${MAX_STEPS} steps without a fault`);
    }
    if (this.#violation) return;
    this.recorded.workflows = (await this.engine?.real.reader().listWorkflows()) ?? [];
    this.#judge((invariant) => invariant.atTheEnd?.(this.recorded));
    this.#atRest();
  }

  #atRest(): void {
    for (const id of this.user.submitted)
      if (!this.recorded.runs.has(id)) this.fail(WORLD_FACTS.stuck, `run ${id} was never recorded`);
    const { engine } = this;
    if (!engine?.serves) return this.fail(WORLD_FACTS.stuck, "no engine serves");
    for (const { runId } of this.user.waiting.values())
      this.fail(WORLD_FACTS.stuck, `somebody still waits for the end of run ${runId}`);
    const live = engine.engine.liveRuns;
    if (live.length > 0) this.fail(WORLD_FACTS.stuck, `the engine still holds ${live.join(", ")}`);
    if (!engine.engine.idle)
      this.fail(WORLD_FACTS.stuck, "the engine believes that something runs, and nothing does: a slot is lost");
    if (engine.host.busy > 0) this.fail(WORLD_FACTS.stuck, `the worker still has ${engine.host.busy} tasks`);
  }

  #strikeLater(strike: Strike, everyMs: number): void {
    this.clock.after(this.dice.between(0, 2 * everyMs), WORLD, strike, () => {
      if (this.plan.calm) return;
      this.#strike(strike);
      this.#strikeLater(strike, everyMs);
    });
  }

  #strike(strike: Strike): void {
    const { engine } = this;
    if (!engine?.serves) return;
    switch (strike) {
      case "crash":
        return this.crash(engine, "at an await");
      case "hostDies":
        return engine.host.die();
      case "zombieWrites":
        return void this.#zombie.write();
      case "rivalMoves":
        return void this.#rival.move();
      case "clockJumps":
        return engine.jump();
      case "restart":
        engine.closing = true;
        return void engine.engine.close(this.dice.between(0, 3_000)).then(() => this.crash(engine, "in peace"));
    }
  }

  #judge(ask: (invariant: Invariant) => Iterable<string> | undefined): void {
    for (const invariant of this.#invariants)
      for (const complaint of ask(invariant) ?? []) this.fail(invariant.fact, complaint);
  }
}

const WORLD: Actor = { name: "world", alive: true };
