import { cancelHeld } from "../../engine/firing/cancel-held.ts";
import { LogReader } from "../../engine/logs/log-reader.ts";
import { systemClock } from "../../core/clock.ts";
import { isLeftUp } from "../../core/resource.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { artifactStoreAt } from "../../engine/artifacts/artifact-store.ts";
import {
  type ControlBefore,
  controlBefore,
  type ControlRequest,
  controlOf,
  refuseControl,
} from "../../engine/control-request.ts";
import type { ChangeListener } from "../../engine/run-changes.ts";
import type { RunListener } from "../../engine/run-event.ts";
import type { HeardEvent } from "../../engine/events/publisher.ts";
import { progressOfHint } from "../../engine/task-progress.ts";
import {
  EVENTS_CHANNEL,
  LIMITS_CHANNEL,
  RUNS_CHANNEL,
  runChannel,
  runOfChannel,
  SCHEDULES_CHANNEL,
} from "../../engine/wake-up-channels.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../../store/access.ts";
import type { BackfillRecord } from "../../store/backfills.ts";
import type { Deployment, DeploymentResult } from "../../store/deployment.ts";
import type { PoolChange, PoolRecord } from "../../store/limits.ts";
import type { PauseState } from "../../store/schedules.ts";
import type { RunDetail, StoreReader } from "../../store/reader.ts";
import type { RunRecord, Store } from "../../store/store.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import { type BackfillRequest, carryOut } from "../backfill-request.ts";
import type { CommandKind } from "../command-poll.ts";
import { openInbox, openReader, openStore, openWakeUps } from "../open-store.ts";
import type { OwnerOptions } from "../owner-options.ts";
import { pruneAll, type Pruned } from "../retention.ts";
import { poolsOf } from "../declared-pools.ts";
import { emitApart } from "../emit-apart.ts";
import {
  type CancelOptions,
  type EmitRequest,
  NOBODY,
  type OwnerStatus,
  type RetryOptions,
  type RunRequest,
  type RunSession,
} from "../run-session.ts";
import { acceptRun } from "./accept-run.ts";
import { missingRoles, missingText } from "./alive-roles.ts";
import { leaveCommand } from "./left-command.ts";
import { nothingToRetry, runEnded } from "../../engine/run-not-ended.ts";
import { notEnded, runNotFound } from "./refusals.ts";
import { RunWatch } from "./run-watch.ts";

const MANY = 10_000;
/** How often it is looked whether anybody is there to do the work. */
const ROLL_CALL_MS = 5_000;

/**
 * The engines of a PostgreSQL store, wherever they are: what is asked of them are rows, and what comes of it is read there. A
 * run is accepted here and now, so a mistake is told at once; whoever is alive takes it.
 */
export class FleetSession implements RunSession {
  readonly isOwner = false;
  /** Never: one scheduler takes over from another. */
  readonly gone = new Promise<void>(() => {});
  readonly #options: OwnerOptions;
  readonly #place: StorePlace & { kind: "postgres" };
  readonly #reader: StoreReader;
  readonly #wakeUps: WakeUps;
  readonly #watches = new Set<RunWatch>();
  /** Opened with the first write. */
  #store: Promise<Store> | null = null;
  #rollCall: NodeJS.Timeout | null = null;
  #missing: string | null = null;

  private constructor(
    options: OwnerOptions,
    place: StorePlace & { kind: "postgres" },
    reader: StoreReader,
    wakeUps: WakeUps,
  ) {
    this.#options = options;
    this.#place = place;
    this.#reader = reader;
    this.#wakeUps = wakeUps;
  }

  /** @throws TuttiError as `openPostgresReader` */
  static async open(options: OwnerOptions, place: StorePlace & { kind: "postgres" }): Promise<FleetSession> {
    const reader = await openReader(place);
    try {
      const wakeUps = await openWakeUps(place, ({ message, code }) => options.notice(`${message} [${code}]`));
      return new FleetSession(options, place, reader, wakeUps);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    const { config, notice } = this.#options;
    await this.#writing((store) => acceptRun(store, config, request, notice));
    this.#wakeUps.notify(RUNS_CHANNEL);
    this.watch(request.id, listener);
  }

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    const before = await this.detail(runId);
    const { state, generation } = before.run;
    if (!isEndedRun(state)) throw notEnded(runId, state);
    const isDone = state === "succeeded" && !isLeftUp(before.version.manifest, before.taskRuns);
    if (isDone && !options.fresh && options.version === undefined) throw nothingToRetry(runId);
    await this.#leave("retry", runId, (run) => run.generation > generation, { ...options, generation });
    this.watch(runId, listener, { since: before, generation: generation + 1 });
  }

  /** Its schedulers go on with it by themselves: it is only followed. */
  async resume(runId: string, listener: RunListener): Promise<void> {
    const since = await this.detail(runId);
    if (isEndedRun(since.run.state)) throw runEnded(runId, since.run.state);
    this.watch(runId, listener, { since });
  }

  async cancel(runId: string): Promise<void> {
    const { run } = await this.detail(runId);
    if (isEndedRun(run.state)) throw runEnded(runId, run.state);
    if (await this.#writing((store) => cancelHeld(store, runId, systemClock.now()))) {
      return this.#wakeUps.notify(SCHEDULES_CHANNEL);
    }
    const holds = ({ cancelRequested, state }: RunRecord) => cancelRequested || isEndedRun(state);
    await this.#leave("cancel", runId, holds, { generation: run.generation });
  }

  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<ControlBefore> {
    const since = await this.detail(runId);
    const { run, version, taskRuns } = since;
    controlOf(request, runId, version.manifest);
    refuseControl(request, run, taskRuns, version.manifest);
    await this.#leave("control", runId, null, { ...request, generation: run.generation });
    const opens = isEndedRun(run.state);
    this.watch(runId, listener, { since, ...(opens && { generation: run.generation + 1 }) });
    return controlBefore(request, run.state, taskRuns);
  }

  async resizePool(change: PoolChange): Promise<PoolRecord | null> {
    const before = await this.#writing(({ limits }) => limits.resize(change));
    this.#wakeUps.notify(LIMITS_CHANNEL);
    return before;
  }

  async follow(runId: string, listener: RunListener): Promise<boolean> {
    const since = await this.#reader.runDetail(runId, { outputs: false });
    if (since === null || isEndedRun(since.run.state)) return false;
    this.watch(runId, listener, { since });
    return true;
  }

  /** Any process may prune, beside all others. */
  async prune(endedBefore: number): Promise<Pruned> {
    const { config } = this.#options;
    const { logsDir, logStore } = config;
    const artifacts = artifactStoreAt(config.artifactsDir);
    const onRemoved = (runId: string): void => this.#wakeUps.notify(runChannel(runId));
    return this.#writing((store) => pruneAll({ store, logsDir, logStore, artifacts, onRemoved }, endedBefore));
  }

  async deploy(deployment: Deployment): Promise<DeploymentResult> {
    const result = await this.#writing(async (store) => {
      await store.limits.declare(poolsOf(this.#options.config), deployment.at);
      return store.deploy(deployment);
    });
    for (const channel of [RUNS_CHANNEL, SCHEDULES_CHANNEL]) this.#wakeUps.notify(channel);
    return result;
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    const state = await this.#writing(({ schedules }) =>
      by === null ? schedules.unpause(workflow) : schedules.pause(workflow, by),
    );
    this.#wakeUps.notify(SCHEDULES_CHANNEL);
    return state;
  }

  async backfill(request: BackfillRequest): Promise<BackfillRecord | null> {
    const record = await this.#writing((store) => carryOut(store, request));
    this.#wakeUps.notify(SCHEDULES_CHANNEL);
    await this.#callRoll().catch(() => {});
    return record;
  }

  async administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return this.#writing(({ access }) => access.apply(change, audit));
  }

  async changes(listener: ChangeListener): Promise<() => void> {
    return this.#wakeUps.listenAll((channel, word) => {
      const runId = runOfChannel(channel);
      if (runId !== null) listener.changed([runId]);
      const progress = progressOfHint(channel, word);
      if (progress !== null) listener.progressed([progress]);
    });
  }

  /** Whoever delivers looks for it with its next look. */
  retryAlert(id: number): Promise<boolean> {
    return this.#writing(({ alerts }) => alerts.again(id));
  }

  async emit({ uid, event }: EmitRequest): Promise<readonly HeardEvent[]> {
    const { config, notice } = this.#options;
    const heard = await this.#writing((store) => emitApart({ store, config, notice }, uid, event));
    for (const channel of [RUNS_CHANNEL, EVENTS_CHANNEL]) this.#wakeUps.notify(channel);
    return heard;
  }

  async status(): Promise<OwnerStatus> {
    return { pid: process.pid, command: this.#options.command, runs: [] };
  }

  afterStop(runId: string): string {
    return `Run ${runId} goes on in the processes of its store. To follow it again: tutti logs ${runId} -f`;
  }

  async close(): Promise<void> {
    if (this.#rollCall !== null) clearInterval(this.#rollCall);
    for (const watch of this.#watches) watch.close();
    await this.#wakeUps.close();
    await this.#reader.close();
    await (await this.#store?.catch(() => null))?.close();
  }

  async #writing<T>(write: (store: Store) => Promise<T>): Promise<T> {
    this.#store ??= openStore(this.#place);
    // One that could not be opened is tried anew the next time.
    this.#store.catch(() => (this.#store = null));
    return write(await this.#store);
  }

  async detail(runId: string): Promise<RunDetail> {
    const detail = await this.#reader.runDetail(runId, { outputs: false });
    if (detail === null) throw runNotFound(runId);
    return detail;
  }

  /** Tells a listener about a run from now on, or from the beginning. */
  watch(runId: string, listener: RunListener, more: { since?: RunDetail; generation?: number } = {}): void {
    if (listener === NOBODY) return;
    const { logsDir, logStore } = this.#options.config;
    const logs = new LogReader(logsDir, logStore);
    const options = { reader: this.#reader, wakeUps: this.#wakeUps, logs, runId, ...more };
    this.#watches.add(new RunWatch(options, listener));
    if (this.#options.here === true) return;
    this.#rollCall ??= setInterval(() => void this.#callRoll().catch(() => {}), ROLL_CALL_MS).unref();
    void this.#callRoll().catch(() => {});
  }

  /** Says once that nobody is there to do the work, until somebody was. */
  async #callRoll(): Promise<void> {
    const missing = missingText(missingRoles(await this.#reader.listProcesses(MANY)));
    if (missing !== null && missing !== this.#missing) this.#options.notice(missing);
    this.#missing = missing;
  }

  /** For whoever is alive. */
  async #leave(
    kind: CommandKind,
    runId: string,
    holds: ((run: RunRecord) => boolean) | null,
    options?: RetryOptions | CancelOptions | ControlRequest,
  ): Promise<void> {
    const inbox = await openInbox(this.#place);
    try {
      const deps = { inbox, reader: this.#reader, wakeUps: this.#wakeUps, notice: this.#options.notice };
      await leaveCommand(deps, kind, runId, holds, options);
    } finally {
      await inbox.close();
    }
  }
}
