import type { Instant } from "../../src/core/clock.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Backfiller } from "../../src/engine/backfill/backfiller.ts";
import type { Events } from "../../src/engine/events/events.ts";
import type { Sources } from "../../src/engine/events/sources.ts";
import type { Firing } from "../../src/engine/firing/firing.ts";
import type { AlertService } from "../../src/engine/alerts/alert-service.ts";
import { FleetProcess } from "../../src/engine/fleet-process.ts";
import { EVENTS_CHANNEL } from "../../src/engine/wake-up-channels.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Actor } from "./sim-clock.ts";
import { SimHost } from "./sim-host.ts";
import { SimStore } from "./sim-store.ts";
import { SimWakeUps } from "./sim-wake-ups.ts";
import type { World } from "./world.ts";

const MAX_SKEW: Instant = 600_000_000;

/** One life of the real engine, from opening the store to its death. Once dead, nothing that it waits for is ever answered. */
export class SimEngine implements Actor {
  readonly name: string;
  readonly engine: Engine;
  /** It is one of several: both scheduler and worker. `null`: the only one. */
  readonly process: FleetProcess | null;
  readonly wakeUps: SimWakeUps | null;
  readonly host: SimHost;
  /** The real store, opened by this life: the one before writes nothing more. */
  readonly real: SqliteStore;
  /** The same store as the engine has it. */
  readonly store: SimStore;
  alive = true;
  closing = false;
  skew = 0;
  /** What it waits for comes no sooner than this. */
  pausedUntil: Instant = 0;
  #cutOffUntil: Instant = 0;
  #joined: boolean;
  readonly #world: World;
  /** `null`: this world has no schedules. */
  readonly firing: Firing | null;
  /** `null`: this world has no backfills. */
  readonly backfiller: Backfiller | null;
  /** `null`: in this world nobody is told anything. */
  readonly alerts: AlertService | null;
  /** `null`: in this world nobody hears of events. */
  readonly events: Events | null;
  /** `null`: in this world nobody looks for files, or polls. */
  readonly sources: Sources | null;
  readonly #mourners = new Set<() => void>();

  constructor(number: number, world: World) {
    const { plan, clock } = world;
    this.name = `engine ${number}`;
    this.#world = world;
    this.#joined = world.database === null;
    if (plan.strikesNow("clockIsWrong")) this.jump();
    this.real = world.database?.store ?? new SqliteStore(world.connection, clock.now, { now: () => clock.now });
    this.store = new SimStore(this.real, this, world);
    const sameName = !world.database && plan.strikesNow("sameName");
    this.host = new SimHost(sameName ? "w" : `w${number}`, world.slots, this, world);
    const deps = {
      store: this.store,
      host: this.host,
      clock: clock.engineClock(this),
      codeFile: async () => "",
      logs: { write() {}, flush() {} },
      onEnded: (runId: string, workflow: string) => {
        this.firing?.ended(workflow);
        this.backfiller?.ended(workflow);
        this.alerts?.ended(runId);
        this.events?.ended(workflow);
      },
      onAlerts: () => this.alerts?.look(),
      onEmitted: () => this.events?.look(),
    };
    const onFatal = (error: unknown): void => world.crash(this, `gives up: ${String(error)}`);
    this.wakeUps = world.database && new SimWakeUps(this, world);
    this.process =
      this.wakeUps &&
      new FleetProcess(
        { ...deps, wakeUps: this.wakeUps, unfit: async () => null, notice() {} },
        { roles: ["scheduler", "worker"], queues: ["default"], labels: {}, release: "0" },
      );
    this.process?.failed.catch(onFatal);
    this.engine = this.process?.engine ?? new Engine({ ...deps, onFatal });
    this.firing = world.parts.schedules?.firing(this) ?? null;
    this.backfiller = world.parts.backfills?.backfiller(this) ?? null;
    this.alerts = world.parts.alerts?.service(this) ?? null;
    const { people, calls } = world.parts;
    this.events = (world.parts.events ?? calls)?.events(this) ?? null;
    this.sources = world.parts.sources?.sources(this) ?? null;
    if (people || calls) this.wakeUps?.listen(EVENTS_CHANNEL, () => this.engine.emitted());
  }

  get serves(): boolean {
    return this.alive && !this.closing && this.#joined;
  }

  get isCutOff(): boolean {
    return this.#world.clock.now < this.#cutOffUntil;
  }

  /** Something was recorded here: whoever waits for it looks, also in other processes. */
  emitted(): void {
    this.engine.emitted();
    this.wakeUps?.notify(EVENTS_CHANNEL);
  }

  /** Nothing of it moves for a while, as in a suspended machine. */
  pause(ms: number): void {
    this.#world.note(this.name, `stands still for ${Math.round(ms)} ms`);
    this.pausedUntil = this.#world.clock.now + Math.round(ms * 1000);
  }

  cutOff(ms: number): void {
    this.#world.note(this.name, `is cut off for ${Math.round(ms)} ms`);
    this.#cutOffUntil = this.#world.clock.now + Math.round(ms * 1000);
  }

  async close(graceMs: number): Promise<void> {
    await this.sources?.stop();
    await this.events?.stop();
    await this.firing?.stop();
    await this.backfiller?.stop();
    await this.alerts?.close(5_000);
    await (this.process ?? this.engine).close(graceMs);
  }

  /** Its clock is wrong, from now on in another way. */
  jump(): void {
    this.skew = Math.round(this.#world.dice.between(-MAX_SKEW, MAX_SKEW));
  }

  /** Joins the others; or goes on with everything that has not ended, as an owner does when it starts. */
  async begin(): Promise<void> {
    const { user } = this.#world;
    if (this.process) {
      const started = this.process.start().then(() => {
        this.#joined = true;
        this.firing?.start();
        this.backfiller?.start();
        this.#startAlerts();
        this.events?.start();
      });
      return void started.catch((error) => this.#world.crash(this, `cannot start: ${error}`));
    }
    const ids = await user.patiently(this, () => this.store.unfinishedRuns());
    for (const id of ids) user.resume(this, id);
    this.firing?.start();
    this.backfiller?.start();
    this.#startAlerts();
    this.events?.start();
  }

  /** What an owner does until it can. */
  #startAlerts(): void {
    const { user } = this.#world;
    if (this.alerts) void user.patiently(this, () => this.alerts!.start());
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
