import type { AlertService } from "../engine/alerts/alert-service.ts";
import { type ArtifactStore, artifactStoreAt } from "../engine/artifacts/artifact-store.ts";
import type { Engine } from "../engine/engine.ts";
import { EventDesk } from "../engine/events/event-desk.ts";
import { engineStarter, newRunId } from "../engine/firing/engine-starter.ts";
import { Firing, type FiringDeps } from "../engine/firing/firing.ts";
import { scheduleClock } from "../engine/firing/schedule-clock.ts";
import type { Config } from "../loader/config.ts";
import type { PauseState } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import { autoPause } from "./auto-pause.ts";
import { OwnBackfills } from "./own-backfills.ts";
import { pruneAll, type Pruned, type RetentionDeps } from "./retention.ts";
import { RetentionTimer } from "./retention-timer.ts";
import { sweepArtifacts } from "./sweep-artifacts.ts";

export interface OwnChoresDeps {
  readonly config: Config;
  readonly store: Store;
  readonly alerts: AlertService;
  readonly notice: (text: string) => void;
  /** As a person would. */
  readonly setPaused: (workflow: string, by: string) => Promise<PauseState | null>;
  readonly onRemoved: RetentionDeps["onRemoved"];
}

/**
 * What the owner of a store does beside advancing runs: fires schedules, delivers events, goes on with backfills, clears up after runs, and
 * removes what is old. What one of several schedulers does is `SchedulerChores`.
 */
export class OwnChores {
  readonly backfills: OwnBackfills;
  readonly #deps: OwnChoresDeps;
  readonly #engine: Engine;
  readonly #artifacts: ArtifactStore;
  readonly #kept: RetentionDeps;
  readonly #retention: RetentionTimer;
  #firing: Firing | null = null;
  #events: EventDesk | null = null;
  #sweeps: Promise<unknown> = Promise.resolve();

  constructor(deps: OwnChoresDeps, engine: Engine) {
    const { config, store, notice, onRemoved } = deps;
    const { logsDir, logStore, artifactsDir, retention } = config;
    this.#deps = deps;
    this.#engine = engine;
    this.#artifacts = artifactStoreAt(artifactsDir);
    this.backfills = new OwnBackfills({ store, engine, notice });
    this.#kept = { store, logsDir, logStore, artifacts: this.#artifacts, onRemoved };
    this.#retention = new RetentionTimer(retention, this.#kept, notice);
  }

  /** `null`: without schedules, runs that an event starts wait for whoever fires them. */
  get events(): EventDesk | null {
    return this.#events;
  }

  /** From now on it removes what is old. */
  begin(): void {
    this.#retention.start();
  }

  /** From now on schedules and events start runs here, and backfills go on. */
  fire(onFired: FiringDeps["onFired"]): void {
    const { store, notice, config, alerts } = this.#deps;
    const starter = engineStarter(this.#engine);
    const fired = alerts.firing(onFired);
    const deps = { store, clock: scheduleClock(wallClock), starter, newId: newRunId, notice };
    this.#firing = new Firing({ ...deps, onFired: fired });
    const onEmitted = () => this.#engine.emitted();
    this.#events = new EventDesk({ ...deps, onStarted: fired, onEmitted, root: config.root });
    this.#firing.start();
    this.backfills.stay();
    this.#events.start();
  }

  /** Something was deployed. */
  deployed(): void {
    this.#firing?.changed();
    this.backfills.changed();
    this.#deps.alerts.changed();
    this.#events?.changed();
  }

  /** Somebody has paused or unpaused it. */
  pauseChanged(workflow: string): void {
    this.#firing?.changed([workflow]);
    this.#events?.changed([workflow]);
  }

  /** Tasks here have left word of something that has happened. */
  emitted(): void {
    this.#events?.look();
    this.#deps.alerts.happened();
  }

  /** A run has ended here: what its attempts left without a recorded result goes, and what waited for it goes on. */
  ended(runId: string, workflow: string, pauseAfter?: number): void {
    const { store, alerts, notice, setPaused } = this.#deps;
    if (pauseAfter !== undefined) {
      const deps = { schedules: store.schedules, setPaused, alerts, notice };
      this.#sweeps = this.#sweeps.then(() => autoPause(deps, workflow, pauseAfter, runId)).catch(() => {});
    }
    alerts.ended(runId);
    this.#sweeps = this.#sweeps.then(() => sweepArtifacts(store, this.#artifacts, runId)).catch(() => {});
    this.#firing?.ended(workflow);
    this.backfills.ended(workflow);
    this.#events?.ended(workflow);
  }

  /** Everything that is due, batch by batch, while `goesOn`. */
  prune(endedBefore: number, goesOn: () => boolean): Promise<Pruned> {
    return pruneAll(this.#kept, endedBefore, goesOn);
  }

  /** Takes nothing new. Before the engine closes. */
  async stop(): Promise<void> {
    await this.#events?.stop();
    await this.#firing?.stop();
    await this.backfills.stop();
    await this.#retention.stop();
  }

  /** When what the last runs left is gone. */
  swept(): Promise<unknown> {
    return this.#sweeps;
  }
}
