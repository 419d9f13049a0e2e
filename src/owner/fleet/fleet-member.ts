import type { Engine } from "../../engine/engine.ts";
import { addMs, systemClock } from "../../core/clock.ts";
import { systemEngineClock } from "../../engine/engine-clock.ts";
import type { FiredRun } from "../../engine/firing/firing.ts";
import { scheduleClock } from "../../engine/firing/schedule-clock.ts";
import { FleetProcess } from "../../engine/fleet-process.ts";
import { LogWriter } from "../../engine/logs/log-writer.ts";
import { EVENTS_CHANNEL, SECRETS_CHANNEL } from "../../engine/wake-up-channels.ts";
import type { WorkerHost } from "../../engine/worker-host.ts";
import { newWorkerName } from "../../engine/worker-name.ts";
import type { Config } from "../../loader/config.ts";
import { isStoreUrl } from "../../objects/store-url.ts";
import { whyUnfit } from "../../loader/version-fit.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import type { ProcessRole } from "../../store/process-list.ts";
import { RELEASE } from "../../store/release.ts";
import type { Store } from "../../store/store.ts";
import { alerting } from "../alerting.ts";
import { childHost } from "../child-host.ts";
import { refuseSkew } from "../clock-skew.ts";
import { codeOnDisk } from "../code-on-disk.ts";
import { idleHost } from "../idle-host.ts";
import { openReader, openStore, openWakeUps } from "../open-store.ts";
import { Observation } from "../observation.ts";
import { ProcessBeat } from "../process-beat.ts";
import { thisProcess } from "../process-record.ts";
import { SecretCollector } from "../secrets/delivery.ts";
import { SharedFolder } from "../shared-folder.ts";
import { tellApart } from "./accept-run.ts";
import { oust } from "./oust.ts";
import { fleetStarter } from "./fleet-starter.ts";
import { quieter } from "./quieter.ts";
import { unknownQueues } from "./queue-words.ts";
import { sameStore } from "./same-store.ts";
import { type ChoresDeps, SchedulerChores } from "./scheduler-chores.ts";
import { ThrottledWakeUps } from "./throttled-wake-ups.ts";

export interface MemberOptions {
  readonly config: Config;
  readonly place: StorePlace & { kind: "postgres" };
  readonly roles: readonly ProcessRole[];
  /** The queues whose tasks run here. */
  readonly queues: readonly string[];
  /** Tasks at once. Default: as the configuration says. */
  readonly slots?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of the only runs that it advances: their tasks run here whatever their queues, and nothing else does. Default: whatever nobody holds. */
  readonly only?: (() => readonly string[]) | undefined;
  readonly notice: (text: string) => void;
  /** A schedule has started a run here. Default: nobody is told. */
  readonly onFired?: ((fired: FiredRun) => void) | undefined;
}

const PROCESS_LEASE_MS = 6_000;
const LOG_FLUSH_MS = 200;
/** Only a net: whoever records an alert delivers it, unless it dies before. */
const LOOK_FOR_ALERTS_MS = 15_000;

/** What was opened, to be closed in the opposite order. */
type Closers = (() => Promise<unknown>)[];

/**
 * One process among several on a PostgreSQL store: it schedules, works, or both. Everything that it holds is held by leases, and
 * `close` gives them back, so that others go on at once.
 */
export class FleetMember {
  readonly name: string;
  /** Tasks at once; 0: it only schedules. */
  readonly slots: number;
  /** Rejects when this process must not go on. */
  readonly failed: Promise<never>;
  readonly store: Store;
  readonly #process: FleetProcess;
  readonly #chores: SchedulerChores;
  readonly #closers: Closers;
  #closing: Promise<void> | null = null;

  private constructor({ host, store, process, chores, failed }: Joined, closers: Closers) {
    this.name = host.name;
    this.slots = host.slots;
    this.store = store;
    this.failed = failed;
    this.#process = process;
    this.#chores = chores;
    this.#closers = closers;
  }

  /**
   * Joins the others. Nothing is left behind when it rejects.
   * @throws TuttiError as `openPostgresStore`; `CLOCK_OFF`, `STORE_REPLACED`, `FOLDER_OF_ANOTHER_STORE`, `FOLDER_NOT_WRITABLE`
   */
  static async open(options: MemberOptions): Promise<FleetMember> {
    const closers: Closers = [];
    try {
      const notice = quieter(options.notice);
      return new FleetMember(await join({ ...options, notice }, closers), closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** `null`: it only works. */
  get engine(): Engine | null {
    return this.#process.engine;
  }

  /** Takes nothing more, lets running tasks end for up to `graceMs`, and gives everything back that it holds. */
  close(graceMs: number): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  async #close(graceMs: number): Promise<void> {
    this.#process.engine?.drain();
    await this.#chores.stop();
    await this.#chores.alerts?.close();
    await this.#process.close(graceMs);
    await this.#chores.swept();
    await closeAll(this.#closers);
  }
}

interface Joined {
  readonly host: WorkerHost;
  readonly store: Store;
  readonly process: FleetProcess;
  readonly chores: SchedulerChores;
  readonly failed: Promise<never>;
}

async function join(options: MemberOptions, closers: Closers): Promise<Joined> {
  const { config, place, roles, slots, labels, only, notice } = options;
  const name = newWorkerName();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const store = await openStore(place);
  closers.push(() => store.close());
  const works = roles.includes("worker");
  const collector = new SecretCollector(store.secrets.deliveries!, name);
  const deliver = collector.collect.bind(collector);
  const host = works ? childHost(config, name, notice, store, slots, deliver) : { ...idleHost, name };
  // One that works on its own runs only does nothing for others.
  const does = only ? { roles: [], queues: [] } : { roles, queues: works ? options.queues : [] };
  const beat = await enter(options, store, thisProcess({ name, slots: host.slots, labels, ...does }), reject, closers);
  const wakeUps = new ThrottledWakeUps(await openWakeUps(place, ({ message, code }) => notice(`${message} [${code}]`)));
  closers.push(() => wakeUps.close());
  collector.notify = () => wakeUps.notify(SECRETS_CHANNEL);
  const logs = logWriter(config, name, notice);
  const observation = new Observation(config, logs, name, notice);
  closers.push(() => observation.close());
  const chores = new SchedulerChores({ config, store, wakeUps, logs, notice } satisfies ChoresDeps);
  const process = new FleetProcess(
    {
      store,
      wakeUps,
      host,
      clock: systemEngineClock,
      logs: observation.logs,
      ...observation.engine,
      // What only schedules needs no code.
      codeFile: works ? codeOnDisk(store, config) : async () => "",
      unfit: async (version) => whyUnfit(version, { projectDir: config.root, exact: config.exact }),
      notice,
      onEnded: (runId, workflow, pauseAfter) => chores.ended(runId, workflow, pauseAfter),
      onBegun: (run, version) => chores.alerts?.began(run, version),
      onAlerts: () => chores.alerts?.look(),
      onEmitted: () => chores.emitted(),
      // What could not be told is told again with the next one that waits.
      onOust: (holder) => void oust(process.engine!, place, wakeUps, holder).catch(() => {}),
    },
    { roles, queues: options.queues, labels, release: RELEASE, ...(only && { only }) },
  );
  process.failed.catch(reject);
  if (process.engine !== null)
    chores.alerts = alerting({
      config,
      store,
      notice,
      tell: works ? (call) => host.tell(call) : (call) => tellApart(config, store, call, notice),
      wallClock: scheduleClock({ now: () => addMs(systemClock.now(), -beat.aheadMs) }),
      ...(only === undefined && { lookEveryMs: LOOK_FOR_ALERTS_MS }),
    });
  await process.start();
  await chores.alerts?.start();
  const emitted = (): void => process.engine?.emitted();
  wakeUps.listen(EVENTS_CHANNEL, emitted);
  if (process.engine !== null && only === undefined) {
    chores.begin(process.engine);
    const clock = scheduleClock({ now: () => addMs(systemClock.now(), -beat.aheadMs) });
    chores.fire({
      clock,
      starter: fleetStarter({ engine: process.engine, works, config, place, store, wakeUps, notice }),
      onFired: options.onFired ?? (() => {}),
      emitted,
    });
  }
  return { host, store, process, chores, failed };
}

/** Shows itself to the others, and makes sure that it belongs to them. */
async function enter(
  { config, place, notice }: MemberOptions,
  store: Store,
  process: ReturnType<typeof thisProcess>,
  onFatal: (error: unknown) => void,
  closers: Closers,
): Promise<ProcessBeat> {
  const folders: SharedFolder[] = [];
  const beat = await ProcessBeat.begin({
    processes: store.processes,
    process,
    leaseMs: PROCESS_LEASE_MS,
    notice,
    onFatal,
    beside: () => folders.forEach((folder) => void folder.touch()),
  });
  closers.push(() => beat.leave());
  refuseSkew(beat.aheadMs);
  await sameStore(place, beat.store);
  for (const folder of new Set([config.artifactsDir, config.logsDir])) {
    // A store of objects is the same for all.
    if (isStoreUrl(folder)) continue;
    const shared = await SharedFolder.enter(folder, beat.store, process.name);
    folders.push(shared);
    closers.push(() => shared.leave());
  }
  await tellUnknownQueues(place, process.queues, notice);
  return beat;
}

async function tellUnknownQueues(
  place: StorePlace,
  queues: readonly string[],
  notice: (text: string) => void,
): Promise<void> {
  const reader = await openReader(place);
  try {
    for (const text of unknownQueues(queues, await reader.listQueues()))
      notice(`${text} This worker waits for a deployment in which one does. [UNKNOWN_QUEUE]`);
  } finally {
    await reader.close();
  }
}

const logWriter = (config: Config, worker: string, notice: (text: string) => void): LogWriter =>
  new LogWriter({
    dir: config.logsDir,
    worker,
    store: config.logStore,
    flushEveryMs: LOG_FLUSH_MS,
    onWarning: ({ message }) => notice(message),
  });

/** In the opposite order; what can't be closed properly any more ends with the process. */
async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close().catch(() => {});
}
