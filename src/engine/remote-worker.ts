import type { HeldClaim, NewWorker } from "../store/fleet.ts";
import type { Store, VersionRecord } from "../store/store.ts";
import type { WakeUps } from "../store/wake-ups.ts";
import { type Arrival, elsewhere, NEVER_BEGUN } from "./arrival.ts";
import type { Claim } from "./dispatcher.ts";
import type { EngineClock } from "./engine-clock.ts";
import type { LogSink } from "./host-bridge.ts";
import type { LiveRun } from "./live-run.ts";
import type { ProgressReports } from "./progress-reports.ts";
import type { Remains } from "./remains.ts";
import { AdoptedClaims } from "./remote/adopted-claims.ts";
import { ClaimWatch } from "./remote/claim-watch.ts";
import { ClaimedRuns } from "./remote/claimed-runs.ts";
import { Claimer } from "./remote/claimer.ts";
import { DrawerOutbox } from "./remote/drawer-outbox.ts";
import { HeldTasks } from "./remote/held-tasks.ts";
import { RemoteListener } from "./remote/remote-listener.ts";
import { ResultOutbox } from "./remote/result-outbox.ts";
import { ServedVersions } from "./remote/served-versions.ts";
import { WorkerLease } from "./remote/worker-lease.ts";
import type { ResultMessage } from "./result-message.ts";
import { offersChannel, resultsChannel, workerChannel } from "./wake-up-channels.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface RemoteWorkerDeps {
  readonly store: Store;
  readonly wakeUps: WakeUps;
  /** Its name is the worker's: a fresh one with each start (`newWorkerName`). */
  readonly host: WorkerHost;
  readonly clock: EngineClock;
  /** Written where every process can read it: a folder that all share. */
  readonly logs: LogSink;
  /** Where its tasks say how far they are. Default: nowhere. */
  readonly progress?: ProgressReports;
  /** Where the bundle of a version is on this machine's disk. */
  readonly codeFile: (version: VersionRecord) => Promise<string>;
  /** Why this process cannot run a version, as a sentence; `null`: it can. Asked once for each version. */
  readonly unfit: (version: VersionRecord) => Promise<string | null>;
  /** What a person should know and nothing stops for: a lease that was lost, a version that does not fit. */
  readonly notice: (text: string) => void;
}

export interface RemoteWorkerOptions {
  /** The queues it claims from. */
  readonly queues: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Of tutti. */
  readonly release: string;
  /** Who does not renew it for so long is dead to the others, and what it ran goes to them. Default: 10,000. */
  readonly leaseMs?: number;
}

const LEASE_MS = 10_000;
/** A run of which nothing was claimed for so long is let go of; claimed again, it is read again. */
const FORGET_AFTER_US = 60_000_000;

/**
 * A process that only works: it claims what schedulers have offered in its queues, runs it in its host, and leaves the
 * results for whoever holds the runs. It holds a lease; when that ends, everything it runs is stopped, because others run it
 * now, and once the store can be reached again it begins anew. Wrong to start twice.
 */
export class RemoteWorker {
  /** When it has drained. Rejects when the store refuses this process for good; `drain` is then still to be called. */
  readonly ended: Promise<void>;
  readonly #deps: RemoteWorkerDeps;
  readonly #record: NewWorker;
  readonly #held = new HeldTasks();
  readonly #lease: WorkerLease;
  readonly #runs: ClaimedRuns;
  readonly #outbox: ResultOutbox;
  readonly #drawers: DrawerOutbox;
  readonly #claimer: Claimer;
  readonly #watch: ClaimWatch;
  readonly #adopted: AdoptedClaims;
  readonly #end = Promise.withResolvers<void>();
  #stopListening: readonly (() => void)[] = [];
  #draining: Promise<void> | null = null;
  #isRefused = false;

  constructor(deps: RemoteWorkerDeps, { queues, labels, release, leaseMs = LEASE_MS }: RemoteWorkerOptions) {
    const { store, host, clock, logs, wakeUps } = deps;
    this.#deps = deps;
    this.#record = { name: host.name, queues, slots: host.slots, labels, release };
    const versions = new ServedVersions(deps);
    const record = () => ({ ...this.#record, refusals: versions.refusals });
    const refused = (error: unknown) => this.#refused(error);
    this.#lease = new WorkerLease(store.fleet, clock, record, leaseMs, {
      gained: () => this.#gained(),
      lost: () => this.#lost(),
      kept: () => this.#kept(),
      refused,
    });
    this.#drawers = new DrawerOutbox(store.fleet, this.#lease);
    this.#runs = new ClaimedRuns(store, host, (id) => versions.get(id));
    this.#outbox = new ResultOutbox({
      worker: host.name,
      fleet: store.fleet,
      clock,
      flushLogs: () => logs.flush(),
      written: (schedulers) => {
        for (const scheduler of schedulers) wakeUps.notify(resultsChannel(scheduler));
        this.#claimer.roomMade();
      },
      isOver: () => this.#isRefused || (this.#draining !== null && !this.#lease.isHeld),
      refused,
    });
    const shared = { fleet: store.fleet, host, clock, held: this.#held, lease: this.#lease, refused };
    this.#watch = new ClaimWatch({ ...shared, runs: this.#runs });
    this.#adopted = new AdoptedClaims(store.fleet, refused);
    const parts = { runs: this.#runs, outbox: this.#outbox, watch: this.#watch };
    this.#claimer = new Claimer({ ...shared, ...parts, queues, versions });
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
  }

  get name(): string {
    return this.#record.name;
  }

  /** How many task runs it has. */
  get running(): number {
    return this.#held.size;
  }

  /** Records the worker; from then on it claims. @throws what the store says: `STORE_DENIED`, `STORE_UNREACHABLE` … */
  async start(): Promise<void> {
    const { store, host, logs, wakeUps, progress } = this.#deps;
    const parts = { held: this.#held, runs: this.#runs, claimer: this.#claimer, outbox: this.#outbox };
    host.listen(new RemoteListener({ store, logs, progress, ...parts, drawers: this.#drawers }));
    await this.#lease.begin();
    this.#stopListening = [
      ...this.#record.queues.map((queue) => wakeUps.listen(offersChannel(queue), () => this.#claimer.look())),
      wakeUps.listen(workerChannel(this.name), () => this.#watch.look()),
    ];
  }

  /** Whether it was adopted here, and may not be over. */
  hasAdopted(claim: HeldClaim): boolean {
    return this.#adopted.has(claim);
  }

  /**
   * Goes on with what a scheduler in this process had claimed for the same host, in a run that is another scheduler's now:
   * that one hears of it as of any other result from elsewhere. `started`: the claims that reached the host.
   */
  adopt(run: LiveRun, { claims, unheard, drawers }: Remains, started: readonly Claim[]): void {
    if (started.length > 0) this.#runs.adopt(run, this.#deps.clock.now());
    for (const claim of started) this.#held.adopt(claim);
    for (const claim of claims) this.#adopted.add(claim);
    for (const { taskRunId, claim } of claims)
      if (!this.#held.find({ taskRunId, claim }))
        this.#outbox.add(run.id, { kind: "lost", taskRunId, claim, error: NEVER_BEGUN, counts: false });
    for (const arrival of unheard) {
      const message = elsewhere(arrival) ? null : messageOf(run, arrival);
      if (!message) continue;
      this.#adopted.add(message);
      this.#outbox.add(run.id, message);
    }
    for (const { write, settle } of drawers) this.#drawers.add(write).then(() => settle(null), settle);
  }

  /**
   * Claims nothing more, hands back what has not started, lets the rest end for up to `graceMs`, then kills it. The results
   * are durable and the worker's row is gone when it resolves; a store that is away for longer than the lease is not waited
   * for. The host is closed; store and wake-ups are the caller's.
   */
  drain(graceMs: number): Promise<void> {
    return (this.#draining ??= this.#drain(graceMs));
  }

  async #drain(graceMs: number): Promise<void> {
    await Promise.all([this.#claimer.stop(), this.#deps.host.close(graceMs)]);
    await this.#outbox.settled();
    for (const stop of this.#stopListening) stop();
    // Its lease ends all the same.
    if (this.#lease.isHeld) await this.#lease.leave().catch(() => {});
    else this.#lease.stop();
    this.#end.resolve();
  }

  #gained(): void {
    this.#claimer.look();
  }

  #kept(): void {
    this.#watch.look();
    void this.#adopted.forgetOver();
    this.#runs.forget(this.#deps.clock.now() - FORGET_AFTER_US, this.#held.runs);
  }

  /** What its tasks still say is written once the store is there, and counts for those that nobody else has begun. */
  #lost(): void {
    const { host, notice } = this.#deps;
    const tasks = this.#held.all().filter(({ task }) => task >= 0);
    notice(
      `Worker "${this.name}" could not renew its lease: the ${tasks.length} tasks it runs are stopped, and others run them. It goes on once the store can be reached.`,
    );
    for (const { taskRunId, claim } of tasks) host.abort(taskRunId, claim, "shutdown");
  }

  #refused(error: unknown): void {
    this.#isRefused = true;
    this.#lease.stop();
    this.#end.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function messageOf(run: LiveRun, arrival: Arrival): ResultMessage | null {
  if (arrival.kind === "finished") return arrival.result;
  const taskRunId = arrival.kind === "lost" ? run.instanceAt(arrival.task, arrival.index)?.id : undefined;
  if (arrival.kind !== "lost" || taskRunId === undefined) return null;
  const { claim, error, counts } = arrival;
  return { kind: "lost", taskRunId, claim, error, counts };
}
