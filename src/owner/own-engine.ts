import { hostname } from "node:os";
import { systemClock } from "../core/clock.ts";
import { connectionUrl } from "../core/connection-variable.ts";
import { TuttiError } from "../core/errors.ts";
import { isEndedRun } from "../core/run-state.ts";
import { ArtifactStore } from "../engine/artifacts/artifact-store.ts";
import { ChildProcessHost } from "../engine/children/child-process-host.ts";
import { Engine } from "../engine/engine.ts";
import { systemEngineClock } from "../engine/engine-clock.ts";
import { LogWriter } from "../engine/logs/log-writer.ts";
import type { RunEvent, RunListener } from "../engine/run-event.ts";
import type { Config } from "../loader/config.ts";
import { materializeVersion } from "../loader/materialize.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { type OwnerLock, tryOwn } from "../store/sqlite/owner-lock.ts";
import type { Store, VersionRecord } from "../store/store.ts";
import { CommandPoll } from "./command-poll.ts";
import { idleHost } from "./idle-host.ts";
import { OwnerServer } from "./owner-server.ts";
import { addPruned, pruneBatch, type Pruned } from "./retention.ts";
import { RetentionTimer } from "./retention-timer.ts";
import { OwnerGone, type OwnerStatus, type RunRequest, type RunSession } from "./run-session.ts";
import { socketPath } from "./socket-path.ts";
import { sweepArtifacts } from "./sweep-artifacts.ts";

export interface OwnerOptions {
  readonly config: Config;
  /** What the user typed, for whoever finds the store owned. */
  readonly command: string;
  /** Something went wrong that stops nothing: a sentence for the terminal. */
  readonly notice: (text: string) => void;
  /** `false`: runs no tasks and serves nobody, as for a moment of writing. Default: true. */
  readonly serves?: boolean;
}

/** A log line is in its file this long after it was written: somebody may be following. */
const LOG_FLUSH_MS = 200;

/**
 * The engine of a store, in this process: it holds the owner lock, serves other commands over the socket, and takes what
 * they left in the store's inbox. Wrong to open twice in a process; `close` passes the lock to the next one.
 */
export class OwnEngine implements RunSession {
  readonly isOwner = true;
  readonly gone: Promise<void>;
  readonly #options: OwnerOptions;
  readonly #lock: OwnerLock;
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #logs: LogWriter;
  readonly #artifacts: ArtifactStore;
  readonly #server: OwnerServer;
  readonly #commands: CommandPoll;
  readonly #retention: RetentionTimer;
  #sweeps: Promise<unknown> = Promise.resolve();
  #left: () => void = () => {};
  #ending = false;

  private constructor(options: OwnerOptions, lock: OwnerLock, store: Store) {
    const { config, command, notice, serves = true } = options;
    const name = `${hostname()}-${process.pid}`;
    this.#options = options;
    this.#lock = lock;
    this.#store = store;
    this.gone = new Promise((resolve) => (this.#left = resolve));
    this.#artifacts = new ArtifactStore(config.stateDir, config.artifactsDir);
    this.#logs = new LogWriter({
      dir: config.stateDir,
      worker: name,
      flushEveryMs: LOG_FLUSH_MS,
      onWarning: ({ message }) => notice(message),
    });
    const host = serves ? childHost(options, name) : idleHost;
    const logs = { write: this.#logs.add.bind(this.#logs), flush: () => this.#logs.flush() };
    this.#engine = new Engine({
      store,
      host,
      clock: systemEngineClock,
      codeFile: (version) => this.#codeFile(version),
      logs,
    });
    this.#server = new OwnerServer(this, { pid: process.pid, command });
    this.#commands = new CommandPoll(store, this, notice);
    this.#retention = new RetentionTimer(
      config.retention,
      { store, stateDir: config.stateDir, artifacts: this.#artifacts },
      notice,
    );
  }

  /** `null`: another process owns the store. @throws TuttiError as `openSqliteStore` */
  static async open(options: OwnerOptions): Promise<OwnEngine | null> {
    const { config, command, serves = true } = options;
    const info = { pid: process.pid, socket: null, startedAt: systemClock.now(), command };
    const lock = tryOwn(config.storePath, info);
    if (lock === null) return null;
    try {
      const owner = new OwnEngine(options, lock, await openSqliteStore({ path: config.storePath }));
      if (!serves) return owner;
      const path = socketPath(config.storePath);
      if (await owner.#server.listen(path)) lock.announce({ ...info, socket: path });
      owner.#commands.start();
      owner.#retention.start();
      return owner;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async submit({ id, version, params, window }: RunRequest, listener: RunListener): Promise<void> {
    this.#refuseWhenEnding();
    // Asked for before, of an owner that died before it could answer.
    if (await this.#isKnown(id)) return this.resume(id, listener).catch(ignoreEnded);
    const record = await this.#store.registerVersion(version);
    await this.#engine.submit({ id, version: record, params, window, trigger: "manual" }, this.#heard(id, listener));
  }

  async retry(runId: string, listener: RunListener): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.retry(runId, this.#heard(runId, listener));
  }

  async resume(runId: string, listener: RunListener): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.resume(runId, this.#heard(runId, listener));
  }

  async cancel(runId: string): Promise<void> {
    this.#refuseWhenEnding();
    await this.#engine.cancel(runId);
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
    const cutoffs = { runs: endedBefore, versions: endedBefore, logs: endedBefore, artifacts: endedBefore };
    let sum: Pruned = { runs: 0, versions: 0, logs: 0, artifacts: 0, more: true };
    while (sum.more && !this.#ending) {
      sum = addPruned(
        sum,
        await pruneBatch(
          { store: this.#store, stateDir: this.#options.config.stateDir, artifacts: this.#artifacts },
          cutoffs,
        ),
      );
      // The engine's turn: runs that go on must not wait for a long prune.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return sum;
  }

  async status(): Promise<OwnerStatus> {
    return { pid: process.pid, command: this.#options.command, runs: this.#engine.liveRuns };
  }

  /** Ids of all runs that have not ended, oldest first. */
  unfinished(): Promise<readonly string[]> {
    return this.#store.unfinishedRuns();
  }

  async close(graceMs: number): Promise<void> {
    if (this.#ending) return this.gone;
    this.#ending = true;
    this.#server.ending = true;
    await this.#commands.stop();
    await this.#retention.stop();
    await this.#engine.close(graceMs);
    await this.#sweeps;
    this.#logs.close();
    await this.#store.close();
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
    return this.#engine.liveRuns.includes(runId) || (await this.#store.loadRun(runId)) !== null;
  }

  /** Tells the follower, and cleans up after the run's end. */
  #heard(runId: string, listener: RunListener): RunListener {
    return (event) => {
      if (event.kind === "run" && isEndedRun(event.state)) {
        this.#logs.closeRun(runId);
        this.#sweeps = this.#sweeps.then(() => sweepArtifacts(this.#store, this.#artifacts, runId)).catch(() => {});
      }
      listener(event);
    };
  }

  async #codeFile(version: VersionRecord): Promise<string> {
    const bundle = await this.#store.getBundle(version.bundleHash);
    if (bundle === null)
      throw new TuttiError(
        "VERSION_NOT_FOUND",
        `The code of workflow "${version.workflow}", version "${version.hash}", is no longer in the store.`,
      );
    const { config } = this.#options;
    return materializeVersion({ bundle, manifest: version.manifest }, config.stateDir, config.root);
  }
}

const ignoreEnded = (error: unknown): void => {
  if ((error as TuttiError).code !== "RUN_ENDED") throw error;
};

function childHost({ config, notice }: OwnerOptions, name: string): ChildProcessHost {
  return new ChildProcessHost({
    name,
    projectDir: config.root,
    artifactsDir: config.artifactsDir,
    children: config.children,
    tasksPerChild: config.tasksPerChild,
    childVersions: config.childVersions,
    graceMs: config.graceMs,
    maxValueBytes: config.maxValueBytes,
    logAttemptBytes: config.logLimitBytes,
    connections: (connection) => connectionUrl(config.connections, connection),
    nodeOptions: config.nodeOptions,
    onWarning: ({ message }) => notice(message),
    onOutput: (line) => notice(line),
  });
}
