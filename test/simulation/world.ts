import fc from "fast-check";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { GroupResult, RunGroup, VersionRecord } from "../../src/store/store.ts";
import { migrate, sqliteMigrations } from "../../src/store/sqlite/migrator.ts";
import { withoutRefused } from "../../src/store/sqlite/sqlite-limits.ts";
import { SqliteConnection } from "../../src/store/sqlite/sqlite-connection.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { T0 } from "../../src/testing/store-samples.ts";
import { randomManifest } from "../support/random-manifest.ts";
import { Dice } from "./dice.ts";
import { CallFacts } from "./call-facts.ts";
import { FaultPlan, type Strike } from "./fault-plan.ts";
import { DrawersAreFenced } from "./invariants/drawers-are-fenced.ts";
import { StepsAreKept } from "./invariants/steps-are-kept.ts";
import { invariants } from "./invariant-list.ts";
import { type Invariant, type Start, Violation } from "./invariant.ts";
import { outcomesOf } from "./outcomes.ts";
import { Recorded } from "./recorded.ts";
import { type Actor, SimClock } from "./sim-clock.ts";
import { SimDatabase } from "./sim-database.ts";
import { SimEngine } from "./sim-engine.ts";
import { SimRival } from "./sim-rival.ts";
import { SimUser } from "./sim-user.ts";
import { SimZombie } from "./sim-zombie.ts";
import { strikeWorld } from "./strike-world.ts";
import type { Story, WorldOptions } from "./story.ts";
import { Trace } from "./trace.ts";
import { madeOf, partsOf, type WorldParts } from "./world-parts.ts";
import { busyIn, lookAtRest } from "./world-rest.ts";
import { MAX_STEPS, QUIET_MS, STORM_MS, WORLD_FACTS } from "./world-facts.ts";

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
  readonly steps = new StepsAreKept((fact, what) => this.fail(fact, what));
  readonly #zombie: SimZombie;
  readonly #rival: SimRival;
  readonly #invariants: readonly Invariant[];
  readonly #versions: VersionRecord[] = [];
  readonly #seed: number;
  readonly parts: WorldParts;
  readonly callFacts: CallFacts | null;
  /** What several engines share; `null`: one at a time owns the store. */
  database: SimDatabase | null = null;
  engines: SimEngine[] = [];
  #violation: Violation | null = null;
  #engines = 0;
  #commits = 0;

  private constructor(seed: number, options: WorldOptions) {
    this.#seed = seed;
    this.dice = new Dice(seed);
    this.clock = new SimClock(this.dice, this.trace, ({ name }) => this.fail(WORLD_FACTS.stuck, `${name} spins`));
    this.plan = new FaultPlan(this.dice);
    this.outcomes = outcomesOf(seed);
    this.slots = 1 + this.dice.below(5);
    this.user = new SimUser(this);
    this.parts = partsOf(this, seed, options);
    const { flows, people, cache, calls } = this.parts;
    this.callFacts = calls && new CallFacts(this, calls);
    this.#zombie = new SimZombie(this);
    this.#rival = new SimRival(this);
    this.#invariants = [
      ...invariants({ outcomes: this.outcomes }),
      this.drawers,
      this.steps,
      ...[flows, people, cache, this.callFacts].filter((part) => part !== null),
    ];
  }

  /** Plays the world of this seed to its end, or to the first thing that is wrong. */
  static async play(seed: number, options: WorldOptions = {}): Promise<Story> {
    const world = new World(seed, options);
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

  /** One that lives; `null`: the last one is dead and the next not yet there. */
  get engine(): SimEngine | null {
    return this.engines.length > 1 ? this.dice.pick(this.engines) : (this.engines[0] ?? null);
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

  /** Somebody wrote. */
  async committed(
    store: SqliteStore,
    given: readonly RunGroup[],
    results: readonly GroupResult[],
    by: { name: string; zombie: boolean },
  ): Promise<void> {
    this.#commits++;
    const groups = given.map((group, place) => seenOf(group, results[place]));
    const { alerts, resources, limits, calls } = this.parts;
    for (const [place, group] of groups.entries()) {
      const result = results[place] as GroupResult;
      if (!result.applied)
        this.note("store", `drops the group of run ${group.runId.slice(-2)} at revision ${group.revision}`);
      const commit = await this.recorded.committed(store, group, result, by);
      this.#judge((invariant) => invariant.committed?.(commit, this.recorded));
      alerts?.committed(commit);
      resources?.committed(commit);
      calls?.committed(commit);
    }
    await limits?.committed(store, groups, results);
  }

  /** A worker was told of a run. */
  opened(runId: string, cause: string | null): void {
    const { run } = this.recorded.runs.get(runId) ?? {};
    if ((run?.cause ?? null) !== cause) this.fail(WORLD_FACTS.told, `run ${runId} is told of ${cause}`);
  }

  started(start: Start): void {
    this.#judge((invariant) => invariant.started?.(start, this.recorded));
  }

  /** An engine dies where it stands, and its workers with it; later another one opens the store. */
  crash(engine: SimEngine, why: string): void {
    if (!engine.alive) return;
    this.note(engine.name, `DIES ${why}`);
    engine.kill();
    this.engines = this.engines.filter((living) => living !== engine);
    this.clock.after(this.dice.between(0, 2_000), WORLD, "the next engine starts", () => this.#nextEngine());
  }

  async #open(): Promise<void> {
    migrate(this.connection, T0, MIGRATIONS);
    const store = new SqliteStore(this.connection, T0);
    const { schedules, events, calls, limits } = this.parts;
    const [size, numRuns] = calls ? [5, 3] : [8, 2];
    const manifests = fc.sample(randomManifest(size), { seed: this.#seed, numRuns });
    for (const [place, manifest] of manifests.entries()) {
      const hash = `v${place}`;
      const version = await store.registerVersion({
        hash,
        manifest: this.#varied(manifest, place),
        latest: (schedules ?? events ?? calls) !== null,
        bundle: { hash, code: "", map: null },
        file: "f",
        outside: {},
        createdAt: T0,
      });
      this.#versions.push(version);
      this.recorded.know(version);
    }
    await limits?.begin(store);
    const engines = this.dice.pick([1, 1, 2, 3]);
    if (engines > 1) this.database = new SimDatabase(this);
    this.note("world", `seed ${this.#seed}, ${engines} engines, ${this.slots} slots, faults: ${String(this.plan)}`);
    for (let engine = 0; engine < engines; engine++) this.#nextEngine();
    this.user.begin();
  }

  #varied(random: WorkflowManifest, place: number): WorkflowManifest {
    const manifest = this.parts.resources?.with(random) ?? random;
    const tasks = manifest.tasks.map((task) =>
      this.plan.strikesNow("onWorkerLostFail") ? { ...task, onWorkerLost: "fail" as const } : task,
    );
    return madeOf(this.parts, { ...manifest, name: `flow${place}`, tasks }, place);
  }

  #nextEngine(): void {
    const engine = new SimEngine(++this.#engines, this);
    this.engines.push(engine);
    void engine.begin();
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
    // Engines that beat take many steps until a moment comes that a wrong clock has put ten minutes off.
    const { schedules, backfills, alerts, events, sources, limits, calls } = this.parts;
    const bound = this.clock.steps + MAX_STEPS * (this.database ? 4 : schedules || events || calls ? 2 : 1);
    const quiet = this.clock.now + QUIET_MS * 1000;
    while (!this.#violation && !this.#rests && (await this.clock.step())) {
      if (this.clock.steps > bound || this.clock.now > quiet)
        return this.fail(
          WORLD_FACTS.stuck,
          `the world is still busy: ${[...busyIn(this)].join(", ") || "for no reason"}`,
        );
    }
    if (this.#violation) return;
    this.recorded.workflows = (await this.engines[0]?.real.reader().listWorkflows()) ?? [];
    this.#judge((invariant) => invariant.atTheEnd?.(this.recorded));
    for (const part of [schedules, backfills, alerts, events, sources, limits])
      await part?.atTheEnd(this.engines[0]!.real);
    await this.callFacts?.atRest(this.engines[0]!.real);
    lookAtRest(this);
  }

  get #rests(): boolean {
    const { schedules, alerts, events, calls } = this.parts;
    return (this.database ?? schedules ?? alerts ?? events ?? calls) !== null && busyIn(this).next().done === true;
  }

  #strikeLater(strike: Strike, everyMs: number): void {
    this.clock.after(this.dice.between(0, 2 * everyMs), WORLD, strike, () => {
      if (this.plan.calm) return;
      strikeWorld(this, strike, { zombie: this.#zombie, rival: this.#rival });
      this.#strikeLater(strike, everyMs);
    });
  }

  #judge(ask: (invariant: Invariant) => Iterable<string> | undefined): void {
    for (const invariant of this.#invariants)
      for (const complaint of ask(invariant) ?? []) this.fail(invariant.fact, complaint);
  }
}

const WORLD: Actor = { name: "world", alive: true };

const seenOf = (group: RunGroup, result: GroupResult | undefined): RunGroup =>
  result?.refused ? withoutRefused(group, new Set(result.refused)) : group;
