import type { LoadedProject } from "../loader/loaded-project.ts";
import type { DeploymentResult } from "../store/deployment.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import { deployProject } from "./deploy-project.ts";
import { findOwner } from "./find-owner.ts";
import { OwnEngine } from "./own-engine.ts";
import { ProcessBeat } from "./process-beat.ts";
import { thisProcess } from "./process-record.ts";
import type { StayOptions, Staying } from "./stay.ts";

export type OwnOptions = Omit<StayOptions, "onLoadErrors">;

/** The lock says whether the owner lives; this is for the list that `tutti workers` shows. */
const PROCESS_LEASE_MS = 90_000;
const TRY_AGAIN_MS = 100;

/** The owner of a SQLite store that stays: registers what it is given, goes on with every unfinished run, and serves others. */
export class StayingOwner implements Staying {
  readonly name: string;
  readonly slots: number;
  readonly failed: Promise<never>;
  readonly #options: OwnOptions;
  readonly #engine: OwnEngine;
  readonly #beat: ProcessBeat;

  private constructor(options: OwnOptions, engine: OwnEngine, beat: ProcessBeat, failed: Promise<never>) {
    this.#options = options;
    this.name = engine.name;
    this.slots = engine.slots;
    this.failed = failed;
    this.#engine = engine;
    this.#beat = beat;
  }

  /** Waits for another owner to end. @throws TuttiError as `openSqliteStore` */
  static async open(options: OwnOptions, path: string): Promise<StayingOwner> {
    const { labels, queues, notice, roles } = options;
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    const engine = await turnToOwn(options, path, failure.reject);
    try {
      const { name, slots } = engine;
      const beat = await ProcessBeat.begin({
        processes: engine.store.processes,
        process: thisProcess({ name, roles, queues, slots, labels }),
        leaseMs: PROCESS_LEASE_MS,
        notice,
        onFatal: failure.reject,
      });
      return new StayingOwner(options, engine, beat, failure.promise);
    } catch (error) {
      await engine.close(0);
      throw error;
    }
  }

  /** What loads is the latest version from now on; runs that have begun keep theirs. */
  deploy(project: LoadedProject): Promise<DeploymentResult> {
    return deployProject(this.#engine, this.#options.config, project);
  }

  /** Tells whom the configuration names that files do not load; of each error once a day. */
  async tellLoadErrors({ errors }: Pick<LoadedProject, "errors">): Promise<void> {
    const day = new Date().toISOString().slice(0, 10);
    for (const { name, code, message, where, workflow } of errors)
      await this.#engine.alerts.problem(
        { name, code, message: `${message} (${where})` },
        `load ${day} ${where} ${message}`,
        workflow,
      );
  }

  /** Goes on with every unfinished run, and lets schedules start theirs. */
  async begin(): Promise<void> {
    for (const runId of await this.#engine.unfinished()) await this.#engine.resume(runId, () => {}).catch(ended);
    this.#engine.fire(this.#options.onFired ?? (() => {}));
  }

  async close(graceMs: number): Promise<void> {
    // The row goes while the store is open; who asks meanwhile finds the lock taken.
    await this.#beat.leave();
    await this.#engine.close(graceMs);
  }
}

async function turnToOwn(
  { config, command, notice, slots }: OwnOptions,
  path: string,
  onFatal: (error: unknown) => void,
): Promise<OwnEngine> {
  for (let told = false; ; told = true) {
    const own = await OwnEngine.open({ config, command, notice, slots, onFatal, stays: true }, path);
    if (own !== null) return own;
    const owner = whoOwns(path);
    if (!told && owner !== null)
      notice(
        `${owner.pid === null ? "Another process" : `Process ${owner.pid} ("${owner.command}")`} owns the store. This one goes on when it ends.`,
      );
    const client = await findOwner(path).catch(() => null);
    if (client === null) await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    await client?.gone;
  }
}

const ended = (error: unknown): void => {
  if ((error as { code?: string }).code !== "RUN_ENDED") throw error;
};
