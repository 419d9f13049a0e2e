import type { Clock, Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import type {
  ClaimedTaskRun,
  Fleet,
  HeldClaimState,
  LostTaskRun,
  NewScheduler,
  NewWorker,
  ResultRecord,
  WorkerRecord,
} from "../fleet.ts";
import type { RunGroup, RunRecord } from "../store.ts";

/** A file has one owner: it is the only scheduler and holds every run, and its workers are its own, known only in its memory. */
export class SqliteFleet implements Fleet {
  readonly #clock: Clock;
  readonly #unfinishedRuns: () => Promise<readonly string[]>;
  readonly #workers = new Map<string, { readonly worker: NewWorker; readonly leaseUntil: Instant }>();
  #scheduler = 0;
  #taken = new Set<string>();

  constructor(clock: Clock, unfinishedRuns: () => Promise<readonly string[]>) {
    this.#clock = clock;
    this.#unfinishedRuns = unfinishedRuns;
  }

  async joinScheduler(_scheduler: NewScheduler): Promise<number> {
    this.#taken.clear();
    return (this.#scheduler += 1);
  }

  // The file's own lease is the owner lock, which does not end while the process lives.
  async keepScheduler(id: number): Promise<boolean> {
    return id === this.#scheduler;
  }

  async leaveScheduler(): Promise<void> {
    this.#taken.clear();
  }

  async strayClaims(): Promise<readonly LostTaskRun[]> {
    return [];
  }

  async takeRuns(scheduler: number, limit: number, only?: readonly string[]): Promise<readonly string[]> {
    if (scheduler !== this.#scheduler) return [];
    const unfinished = await this.#unfinishedRuns();
    const free = unfinished.filter((id) => !this.#taken.has(id) && only?.includes(id) !== false).slice(0, limit);
    this.#taken = new Set([...unfinished.filter((id) => this.#taken.has(id)), ...free]);
    return free;
  }

  /** The run is the scheduler's own, and not to be taken. */
  created(scheduler: number, runId: string): void {
    if (scheduler === this.#scheduler) this.#taken.add(runId);
  }

  async keepWorker(worker: NewWorker, leaseMs: number): Promise<void> {
    this.#workers.set(worker.name, { worker, leaseUntil: this.#clock.now() + leaseMs * 1000 });
  }

  async leaveWorker(name: string): Promise<void> {
    this.#workers.delete(name);
  }

  async listWorkers(limit: number): Promise<readonly WorkerRecord[]> {
    const now = this.#clock.now();
    return [...this.#workers.values()]
      .map(({ worker, leaseUntil }) => ({ refusals: [], ...worker, alive: leaseUntil > now }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }

  async lostTaskRuns(): Promise<readonly LostTaskRun[]> {
    return [];
  }

  async claimOffers(): Promise<readonly ClaimedTaskRun[]> {
    return [];
  }

  async offeredVersions(): Promise<readonly number[]> {
    return [];
  }

  async heldClaims(): Promise<readonly HeldClaimState[]> {
    return [];
  }

  async readRuns(): Promise<readonly RunRecord[]> {
    throw oneMachine();
  }

  async readTaskRuns(): Promise<readonly null[]> {
    throw oneMachine();
  }

  async writeDrawers(): Promise<readonly boolean[]> {
    throw oneMachine();
  }

  async addResults(): Promise<readonly number[]> {
    throw oneMachine();
  }

  async pendingResults(): Promise<readonly ResultRecord[]> {
    return [];
  }

  async removeResults(): Promise<void> {}
}

export function refuseOffers({ offers = [] }: RunGroup): void {
  if (offers.length > 0) throw oneMachine();
}

const oneMachine = (): TuttiError =>
  new TuttiError(
    "STORE_ON_ONE_MACHINE",
    "A SQLite store works with the workers of its own process only. For workers elsewhere, use PostgreSQL.",
  );
