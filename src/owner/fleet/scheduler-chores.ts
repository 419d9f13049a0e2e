import { type ArtifactStore, artifactStoreAt } from "../../engine/artifacts/artifact-store.ts";
import type { AlertService } from "../../engine/alerts/alert-service.ts";
import type { Engine } from "../../engine/engine.ts";
import { Backfiller } from "../../engine/backfill/backfiller.ts";
import type { BackfillStarter } from "../../engine/backfill/backfill-starter.ts";
import { newRunId } from "../../engine/firing/engine-starter.ts";
import { EventDesk } from "../../engine/events/event-desk.ts";
import { Firing, type FiringDeps } from "../../engine/firing/firing.ts";
import type { RunStarter } from "../../engine/firing/run-starter.ts";
import type { LogWriter } from "../../engine/logs/log-writer.ts";
import {
  EVENTS_CHANNEL,
  RUNS_CHANNEL,
  runChannel,
  SCHEDULES_CHANNEL,
  SECRETS_CHANNEL,
} from "../../engine/wake-up-channels.ts";
import type { Config } from "../../loader/config.ts";
import type { Store } from "../../store/store.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import { autoPause } from "../auto-pause.ts";
import { CommandPoll } from "../command-poll.ts";
import { RetentionTimer } from "../retention-timer.ts";
import { retryRequest } from "../retry-request.ts";
import { SecretDesk } from "../secrets/delivery.ts";
import { readKeyRing } from "../secrets/key-ring.ts";
import { SecretSource } from "../secrets/secret-source.ts";
import { sweepArtifacts } from "../sweep-artifacts.ts";

export interface ChoresDeps {
  readonly config: Config;
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly logs: LogWriter;
  readonly notice: (text: string) => void;
}

/** Only a net: who deploys, pauses or unpauses says so. */
const READ_EVERY_MS = 60_000;
/** As long as an event may wait whose scheduler died before it could deliver it. */
const LOOK_EVERY_MS = 10_000;

/** What a scheduler does beside advancing runs: fires schedules, carries out commands that were left for it, and removes what is old. */
export class SchedulerChores {
  readonly #deps: ChoresDeps;
  readonly #artifacts: ArtifactStore;
  readonly #retention: RetentionTimer;
  #commands: CommandPoll | null = null;
  readonly #deafen: (() => void)[] = [];
  #firing: Firing | null = null;
  #backfiller: Backfiller | null = null;
  #events: EventDesk | null = null;
  #sweeps: Promise<unknown> = Promise.resolve();
  /** `null`: not there yet. */
  alerts: AlertService | null = null;

  constructor(deps: ChoresDeps) {
    const { config, store, wakeUps, notice } = deps;
    this.#deps = deps;
    this.#artifacts = artifactStoreAt(config.artifactsDir);
    const retention = {
      store,
      logsDir: config.logsDir,
      logStore: config.logStore,
      artifacts: this.#artifacts,
      onRemoved: (runId: string): void => wakeUps.notify(runChannel(runId)),
    };
    this.#retention = new RetentionTimer(config.retention, retention, notice);
  }

  begin(engine: Engine): void {
    const { store, wakeUps, notice, config } = this.#deps;
    const { deliveries } = store.secrets;
    if (deliveries !== null && readKeyRing(config) !== null) {
      // What is kept, and nothing of this machine's own environment.
      const kept = { connections: {}, secrets: [{ kind: "store" }] } as const;
      const source = SecretSource.of(kept, { store, ring: () => readKeyRing(config) }, {});
      const desk = new SecretDesk({ deliveries, store, source, notice });
      this.#deafen.push(wakeUps.listen(SECRETS_CHANNEL, desk.look));
      desk.look();
    }
    const commands = new CommandPoll({
      store,
      session: {
        retry: async (runId, options) => engine.retry(runId, await retryRequest(store, options)),
        resume: (runId) => engine.resume(runId),
        cancel: (runId, generation) => engine.cancel(runId, generation),
        control: (runId, request) => engine.control(runId, request),
      },
      notice,
      scheduler: () => engine.scheduler,
      onDone: ({ runId }) => void (runId !== null && wakeUps.notify(runChannel(runId))),
    });
    this.#commands = commands;
    this.#deafen.push(wakeUps.listen(RUNS_CHANNEL, () => commands.look()));
    commands.start();
    this.#retention.start();
  }

  /** From now on schedules and events start runs here, and backfills go on. */
  fire(
    deps: Pick<FiringDeps, "clock" | "onFired"> & {
      readonly starter: RunStarter & BackfillStarter;
      readonly emitted: () => void;
    },
  ): void {
    const { store, wakeUps, notice, config } = this.#deps;
    const onFired = this.alerts?.firing(deps.onFired) ?? deps.onFired;
    const common = { ...deps, onFired, store, notice, newId: newRunId, readEveryMs: READ_EVERY_MS };
    const firing = new Firing(common);
    const backfiller = new Backfiller(common);
    const events = new EventDesk({
      ...common,
      onStarted: onFired,
      onEmitted: () => {
        deps.emitted();
        wakeUps.notify(EVENTS_CHANNEL);
      },
      readEveryMs: LOOK_EVERY_MS,
      root: config.root,
    });
    this.#firing = firing;
    this.#backfiller = backfiller;
    this.#events = events;
    const changed = (): void => {
      firing.changed();
      backfiller.changed();
      this.alerts?.changed();
      events.changed();
    };
    this.#deafen.push(wakeUps.listen(SCHEDULES_CHANNEL, changed));
    firing.start();
    backfiller.start();
    events.start();
  }

  /** Tasks here have left word of something that has happened. */
  emitted(): void {
    this.#events?.look();
    this.alerts?.happened();
  }

  /** A run has ended here: what its attempts left without a recorded result goes, and what waited for it goes on. */
  ended(runId: string, workflow: string, pauseAfter?: number): void {
    if (pauseAfter !== undefined) {
      const { store, wakeUps, notice } = this.#deps;
      const setPaused = async (name: string, by: string) => {
        const state = await store.schedules.pause(name, by);
        wakeUps.notify(SCHEDULES_CHANNEL);
        return state;
      };
      const deps = { schedules: store.schedules, setPaused, alerts: this.alerts, notice };
      this.#sweeps = this.#sweeps.then(() => autoPause(deps, workflow, pauseAfter, runId)).catch(() => {});
    }
    this.#firing?.ended(workflow);
    this.#backfiller?.ended(workflow);
    this.alerts?.ended(runId);
    this.#events?.ended(workflow);
    this.#deps.logs.closeRun(runId);
    this.#sweeps = this.#sweeps.then(() => sweepArtifacts(this.#deps.store, this.#artifacts, runId)).catch(() => {});
  }

  /** Takes nothing new. Before the engine closes. */
  async stop(): Promise<void> {
    for (const stop of this.#deafen.splice(0)) stop();
    await this.#events?.stop();
    await this.#firing?.stop();
    await this.#backfiller?.stop();
    await this.#commands?.stop();
    await this.#retention.stop();
  }

  /** When what the last runs left is gone. */
  swept(): Promise<unknown> {
    return this.#sweeps;
  }
}
