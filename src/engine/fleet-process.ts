import { Engine } from "./engine.ts";
import type { EngineClock } from "./engine-clock.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { RemoteWorker, type RemoteWorkerDeps } from "./remote-worker.ts";
import { ProgressReports } from "./progress-reports.ts";
import { SharedHost } from "./shared-host.ts";
import { progressHint } from "./task-progress.ts";
import type { ProcessRole } from "../store/process-list.ts";
import type { WakeUps } from "../store/wake-ups.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface FleetProcessDeps
  extends
    Omit<EngineDeps, "membership" | "host" | "onFatal" | "progress">,
    Omit<RemoteWorkerDeps, "host" | "progress"> {
  readonly wakeUps: WakeUps;
  /** Its name is this process's, a fresh one with each start (`newWorkerName`). */
  readonly host: WorkerHost;
}

export interface FleetProcessOptions {
  /** What it is: at least one. */
  readonly roles: readonly ProcessRole[];
  /** The queues that its worker serves. */
  readonly queues: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Of tutti. */
  readonly release: string;
  /** Ids of the only runs that it advances: their tasks run here whatever their queues, and no others do. Default: whatever nobody holds. */
  readonly only?: () => readonly string[];
  /** A scheduler that is silent for this long loses its runs to the others. Default: 3,500. */
  readonly schedulerLeaseMs?: number;
  /** The tasks of a worker that is silent for this long run elsewhere. Default: 10,000. */
  readonly workerLeaseMs?: number;
}

/**
 * One of the processes that share a PostgreSQL store: a scheduler, a worker, or both in one. Both in one is the fast path:
 * the scheduler claims for the worker beside it, and only what that one has no slot for is offered to the others.
 */
export class FleetProcess {
  /** `null`: it schedules nothing. */
  readonly engine: Engine | null;
  readonly #worker: RemoteWorker | null;
  /** Rejects when the store refuses this process for good. */
  readonly failed: Promise<never>;

  constructor(deps: FleetProcessDeps, options: FleetProcessOptions) {
    const { roles, labels, release, only, schedulerLeaseMs, workerLeaseMs } = options;
    const queues = only ? [] : options.queues;
    const works = roles.includes("worker");
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.failed.catch(() => {});
    const shared = roles.includes("scheduler") && works ? new SharedHost(deps.host) : null;
    // One for both: what is handed over goes on reporting.
    const progress = progressByHints(deps.wakeUps, deps.clock);
    const worker = works
      ? new RemoteWorker(
          { ...deps, progress, host: shared?.offered ?? deps.host },
          { queues, labels, release, ...(workerLeaseMs && { leaseMs: workerLeaseMs }) },
        )
      : null;
    worker?.ended.catch(reject);
    this.#worker = worker;
    if (!roles.includes("scheduler")) {
      this.engine = null;
      return;
    }
    const host = shared?.scheduled ?? deps.host;
    this.engine = new Engine({
      ...deps,
      host,
      progress,
      onFatal: reject,
      membership: {
        wakeUps: deps.wakeUps,
        name: host.name,
        worker: works ? { name: host.name, queues: [], slots: host.slots, labels, release } : null,
        queues: works && only ? null : works ? queues : [],
        ...(only && { only }),
        ...(schedulerLeaseMs && { leaseMs: schedulerLeaseMs }),
        ...(workerLeaseMs && { workerLeaseMs }),
        onTrouble: ({ message }) => deps.notice(message),
        handOver: (run, remains) => {
          worker?.adopt(run, remains, shared?.handOver(remains.claims) ?? []);
        },
        isHandedOver: (claim) => worker?.hasAdopted(claim) ?? false,
      },
    });
  }

  /** Joins the others. @throws what the store says */
  async start(): Promise<void> {
    await this.#worker?.start();
    await this.engine?.join();
  }

  /** Lets running tasks end for up to `graceMs`; what it held goes to the others at once. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.engine?.close(graceMs), this.#worker?.drain(graceMs)]);
  }
}

/** Who follows a run in another process hears of its progress on the way that hints take. */
export const progressByHints = (wakeUps: Pick<WakeUps, "notify">, clock: EngineClock): ProgressReports =>
  new ProgressReports(clock, (all) => {
    for (const progress of all) wakeUps.notify(...progressHint(progress));
  });
