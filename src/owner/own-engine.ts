import { systemClock } from "../core/clock.ts";
import type { BackfillerDeps } from "../engine/backfill/backfiller.ts";
import { Engine } from "../engine/engine.ts";
import { systemEngineClock } from "../engine/engine-clock.ts";
import type { HeardEvent } from "../engine/events/publisher.ts";
import type { FiringDeps } from "../engine/firing/firing.ts";
import type { ControlBefore, ControlRequest } from "../engine/control-request.ts";
import { newWorkerName } from "../engine/worker-name.ts";
import { ProgressReports } from "../engine/progress-reports.ts";
import { type ChangeListener, RunChanges } from "../engine/run-changes.ts";
import type { RunEvent, RunListener } from "../engine/run-event.ts";
import { type OwnerLock, tryOwn } from "../store/sqlite/owner-lock.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../store/access.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { Deployment, DeploymentResult } from "../store/deployment.ts";
import type { PoolChange, PoolRecord } from "../store/limits.ts";
import type { PauseState } from "../store/schedules.ts";
import type { Store } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import type { AlertService } from "../engine/alerts/alert-service.ts";
import { alerting } from "./alerting.ts";
import { calledVersions } from "./called-versions.ts";
import { childHost } from "./child-host.ts";
import { codeOnDisk } from "./code-on-disk.ts";
import { emitApart } from "./emit-apart.ts";
import { CommandPoll } from "./command-poll.ts";
import { idleHost } from "./idle-host.ts";
import { openStore } from "./open-store.ts";
import { poolsOf } from "./declared-pools.ts";
import { ousting } from "./ousting.ts";
import { OwnChores } from "./own-chores.ts";
import type { OwnerOptions } from "./owner-options.ts";
import { Observation } from "./observation.ts";
import { ownLogs } from "./own-logs.ts";
import { OwnerServer } from "./owner-server.ts";
import type { Pruned } from "./retention.ts";
import { recordedVersion } from "./recorded-version.ts";
import { retryRequest } from "./retry-request.ts";
import {
  NOBODY,
  type EmitRequest,
  OwnerGone,
  type OwnerStatus,
  type RetryOptions,
  type RunRequest,
  type RunSession,
} from "./run-session.ts";
import { socketPath } from "./socket-path.ts";

/**
 * The engine of a store, in this process: it holds the owner lock, serves other commands over the socket, and takes what
 * they left in the store's inbox. Wrong to open twice in a process; `close` passes the lock to the next one.
 */
export class OwnEngine implements RunSession {
  readonly isOwner = true;
  readonly gone: Promise<void>;
  /** Of its worker. */
  readonly name: string;
  /** Tasks at once. */
  readonly slots: number;
  readonly store: Store;
  readonly #options: OwnerOptions;
  readonly #lock: OwnerLock;
  readonly #engine: Engine;
  readonly #observation: Observation;
  readonly #server: OwnerServer;
  readonly #commands: CommandPoll;
  readonly #chores: OwnChores;
  readonly #changes = new RunChanges();
  readonly alerts: AlertService;
  #left: () => void = () => {};
  #ending = false;

  private constructor(options: OwnerOptions, lock: OwnerLock, store: Store) {
    const { config, command, notice, serves = true, stays = false, slots, onFatal } = options;
    this.name = newWorkerName();
    this.#options = options;
    this.#lock = lock;
    this.store = store;
    this.gone = new Promise((resolve) => (this.#left = resolve));
    this.#observation = new Observation(config, ownLogs(config, this.name, notice), this.name, notice);
    const host = serves ? childHost(config, this.name, notice, store, slots) : idleHost;
    this.slots = host.slots;
    this.alerts = alerting({ config, store, notice, tell: (call) => host.tell(call) });
    this.#engine = new Engine({
      progress: new ProgressReports(systemEngineClock, (all) => this.#changes.progressed(all)),
      store,
      host,
      clock: systemEngineClock,
      codeFile: codeOnDisk(store, config),
      calledVersion: calledVersions(store, config, stays),
      logs: this.#observation.logs,
      ...this.#observation.engine,
      changes: this.#changes,
      onEnded: (runId, workflow, pauseAfter) => this.#ended(runId, workflow, pauseAfter),
      onBegun: this.alerts.began,
      onAlerts: this.alerts.look,
      onEmitted: () => this.#chores.emitted(),
      onOust: ({ runId, task, mapIndex }) => void ousting(this.#engine, runId, task, mapIndex),
      ...(onFatal === undefined ? {} : { onFatal }),
    });
    const setPaused = this.setPaused.bind(this);
    const onRemoved = (runId: string): void => void (this.#changes.wanted && this.#changes.add(runId));
    this.#chores = new OwnChores({ config, store, alerts: this.alerts, notice, setPaused, onRemoved }, this.#engine);
    this.#server = new OwnerServer(this, { pid: process.pid, command });
    this.#commands = new CommandPoll({ store, session: this, notice });
  }

  /** `null`: another process owns the store. @throws TuttiError as `openSqliteStore` */
  static async open(options: OwnerOptions, path: string): Promise<OwnEngine | null> {
    const { command, serves = true } = options;
    const info = { pid: process.pid, socket: null, startedAt: systemClock.now(), command };
    const lock = tryOwn(path, info);
    if (lock === null) return null;
    try {
      const store = await openStore({ kind: "sqlite", path });
      await store.limits.declare(poolsOf(options.config), wallClock.now());
      const owner = new OwnEngine(options, lock, store);
      if (!serves) return owner;
      const socket = socketPath(path);
      if (await owner.#server.listen(socket)) lock.announce({ ...info, socket });
      owner.#commands.start();
      owner.#chores.begin();
      await owner.alerts.start();
      return owner;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    const { id, version, params, window, fresh = false } = request;
    this.#refuseWhenEnding();
    // Asked for before, of an owner that died before it could answer.
    if (await this.#isKnown(id)) return this.resume(id, listener).catch(ignoreEnded);
    const record = await recordedVersion(this.store, version);
    const submission = { id, version: record, params, window, trigger: "manual", fresh } as const;
    await this.#engine.submit(submission, heard(listener));
  }

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.retry(runId, await retryRequest(this.store, options), heard(listener));
  }

  async resume(runId: string, listener: RunListener): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.resume(runId, listener);
  }

  async cancel(runId: string, generation?: number): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.cancel(runId, generation);
  }

  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<ControlBefore | null> {
    this.#refuseWhenEnding();
    return this.#engine.control(runId, request, heard(listener));
  }

  async resizePool(change: PoolChange): Promise<PoolRecord | null> {
    this.#refuseWhenEnding();
    const before = await this.store.limits.resize(change);
    this.#engine.limitsChanged();
    return before;
  }

  async follow(runId: string, listener: RunListener): Promise<boolean> {
    return this.#engine.follow(runId, listener) !== null;
  }

  unfollow(runId: string, listener: RunListener): void {
    this.#engine.follow(runId, listener)?.();
  }

  snapshot(runId: string): RunEvent | null {
    let found: RunEvent | null = null;
    this.#engine.follow(runId, (event) => (found ??= event))?.();
    return found;
  }

  /** Everything that is due, batch by batch. */
  async prune(endedBefore: number): Promise<Pruned> {
    this.#refuseWhenEnding();
    return this.#chores.prune(endedBefore, () => !this.#ending);
  }

  async deploy(deployment: Deployment): Promise<DeploymentResult> {
    this.#refuseWhenEnding();
    const result = await this.store.deploy(deployment);
    this.#chores.deployed();
    return result;
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    this.#refuseWhenEnding();
    const { schedules } = this.store;
    const state = await (by === null ? schedules.unpause(workflow) : schedules.pause(workflow, by));
    this.#chores.pauseChanged(workflow);
    return state;
  }

  async backfill(request: BackfillRequest, onRest?: BackfillerDeps["onRest"]): Promise<BackfillRecord | null> {
    this.#refuseWhenEnding();
    return this.#chores.backfills.do(request, this.#options.serves ?? true, onRest);
  }

  async administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    this.#refuseWhenEnding();
    const result = await this.store.access.apply(change, audit);
    if (change.kind === "put_webhook" || change.kind === "remove_webhook") await this.alerts.webhooksChanged();
    return result;
  }

  async changes(listener: ChangeListener): Promise<() => void> {
    return this.#changes.listen(listener);
  }

  /** Without schedules, runs that an event starts wait for whoever fires them. */
  async emit({ uid, event }: EmitRequest): Promise<readonly HeardEvent[]> {
    this.#refuseWhenEnding();
    const { config, notice } = this.#options;
    const { events } = this.#chores;
    if (events !== null) return events.publish(uid, event);
    const heard = await emitApart({ store: this.store, config, notice }, uid, event);
    this.#engine.emitted();
    return heard;
  }

  /** From now on schedules and events start runs here, and backfills go on. */
  fire(onFired: FiringDeps["onFired"]): void {
    this.#chores.fire(onFired);
  }

  retryAlert(id: number): Promise<boolean> {
    this.#refuseWhenEnding();
    return this.alerts.again(id);
  }

  async status(): Promise<OwnerStatus> {
    return { pid: process.pid, command: this.#options.command, runs: this.#engine.liveRuns };
  }

  afterStop(runId: string): string {
    return `Stopped. Run ${runId} is not finished; to go on: tutti resume ${runId}`;
  }

  /** Ids of all runs that have not ended, oldest first. */
  unfinished(): Promise<readonly string[]> {
    return this.store.unfinishedRuns();
  }

  async close(graceMs: number): Promise<void> {
    if (this.#ending) return this.gone;
    this.#ending = true;
    this.#server.ending = true;
    this.#engine.drain();
    await this.#commands.stop();
    await this.#chores.stop();
    await this.alerts.close();
    await this.#engine.close(graceMs);
    await this.#chores.swept();
    await this.#observation.close();
    await this.store.close();
    // Its file goes before the lock does: afterwards the path is the next owner's.
    this.#server.stopListening();
    this.#lock.release();
    this.#server.hangUp();
    this.#left();
  }

  #refuseWhenEnding(): void {
    if (this.#ending) throw new OwnerGone();
  }

  async #isKnown(runId: string): Promise<boolean> {
    return this.#engine.liveRuns.includes(runId) || (await this.store.loadRun(runId)) !== null;
  }

  #ended(runId: string, workflow: string, pauseAfter?: number): void {
    this.#observation.closeRun(runId);
    this.#chores.ended(runId, workflow, pauseAfter);
  }
}

const heard = (listener: RunListener): RunListener | undefined => (listener === NOBODY ? undefined : listener);

const ignoreEnded = (error: unknown): void => {
  if ((error as { code?: string }).code !== "RUN_ENDED") throw error;
};
