import type { Instant } from "../../src/core/clock.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Actor } from "./sim-clock.ts";
import { SimHost } from "./sim-host.ts";
import { SimStore } from "./sim-store.ts";
import type { World } from "./world.ts";

const MAX_SKEW: Instant = 600_000_000;

/** One life of the real engine, from opening the store to its death. Once dead, nothing that it waits for is ever answered. */
export class SimEngine implements Actor {
  readonly name: string;
  readonly engine: Engine;
  readonly host: SimHost;
  /** The real store, opened by this life: the one before writes nothing more. */
  readonly real: SqliteStore;
  /** The same store as the engine has it. */
  readonly store: SimStore;
  alive = true;
  closing = false;
  skew = 0;
  readonly #world: World;
  readonly #mourners = new Set<() => void>();

  constructor(number: number, world: World) {
    const { plan, clock } = world;
    this.name = `engine ${number}`;
    this.#world = world;
    if (plan.strikesNow("clockIsWrong")) this.jump();
    this.real = new SqliteStore(world.connection, clock.now);
    this.store = new SimStore(this.real, this, world);
    this.host = new SimHost(plan.strikesNow("sameName") ? "w" : `w${number}`, world.slots, this, world);
    this.engine = new Engine({
      store: this.store,
      host: this.host,
      clock: clock.engineClock(this),
      codeFile: async () => "",
      logs: { write() {}, flush() {} },
      onFatal: (error) => world.crash(this, `gives up: ${String(error)}`),
    });
  }

  get serves(): boolean {
    return this.alive && !this.closing;
  }

  /** Its clock is wrong, from now on in another way. */
  jump(): void {
    this.skew = Math.round(this.#world.dice.between(-MAX_SKEW, MAX_SKEW));
  }

  /** Goes on with everything that has not ended, as an owner does when it starts. */
  async resumeAll(): Promise<void> {
    const { user } = this.#world;
    const ids = await user.patiently(this, () => this.store.unfinishedRuns());
    for (const id of ids) user.resume(this, id);
  }

  /** A user's question that dies with this engine, unless it is answered before. Answers how to say that it is. */
  onDeath(call: () => void): () => void {
    this.#mourners.add(call);
    return () => this.#mourners.delete(call);
  }

  kill(): void {
    this.alive = false;
    for (const call of this.#mourners) call();
    this.#mourners.clear();
  }
}
