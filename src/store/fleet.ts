/**
 * What several schedulers and workers on one store need of it. Every one of them holds a lease that it has to renew;
 * what it held goes to others when the lease has ended. A store with one owner answers as if nobody else were there.
 */
export interface Fleet {
  /** Records a scheduler and begins its lease. Its number fences: a scheduler that comes back gets another one. */
  joinScheduler(scheduler: NewScheduler): Promise<number>;
  /** Renews the lease. `false`: it had ended and others may hold the runs; let go of all of them and join again. */
  keepScheduler(id: number, leaseMs: number): Promise<boolean>;
  /** Ends the lease and sets its runs free at once. */
  leaveScheduler(id: number): Promise<void>;
  /**
   * Unfinished runs that no living scheduler holds, oldest first: they are this one's from now on. Taking a run raises its
   * revision, so whatever its last holder still decides is dropped. Of several that ask at once, none gets another's.
   */
  takeRuns(scheduler: number, limit: number): Promise<readonly string[]>;

  /** Records a worker, or renews its lease. A worker whose lease has ended starts it anew with this. */
  keepWorker(worker: NewWorker, leaseMs: number): Promise<void>;
  leaveWorker(name: string): Promise<void>;
  /** By name. `alive`: its lease has not ended. */
  listWorkers(limit: number): Promise<readonly WorkerRecord[]>;

  /**
   * Claims offered task runs for a worker-only process: those of the highest priority first, in the order they were
   * offered. Their rows are running under the claim that comes back. Nothing for a worker whose lease has ended.
   */
  claimOffers(request: OfferRequest): Promise<readonly ClaimedTaskRun[]>;
  /** Leaves what worker-only processes have to say to whoever holds the runs. Durable when it resolves. */
  addResults(results: readonly NewResult[]): Promise<void>;
  /** Of the runs that this scheduler holds, oldest first. They stay until a group consumes them (`RunGroup.results`) or they are removed. */
  pendingResults(scheduler: number, limit: number): Promise<readonly ResultRecord[]>;
  removeResults(ids: readonly number[]): Promise<void>;
}

export interface NewScheduler {
  readonly name: string;
  readonly leaseMs: number;
}

export interface NewWorker {
  readonly name: string;
  /** The queues it claims from. */
  readonly queues: readonly string[];
  readonly slots: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Of tutti. */
  readonly release: string;
}

export interface WorkerRecord extends NewWorker {
  readonly alive: boolean;
}

/** A queued task run that worker-only processes may claim. */
export interface NewOffer {
  /** The id, or the place in this group's `inserts`, of the task run. */
  readonly taskRun: { readonly id: number } | { readonly insert: number };
  /** The claim its row has now: an offer that was overtaken is worth nothing. */
  readonly claim: number;
  readonly queue: string;
  /** Higher first. */
  readonly priority: number;
}

export interface OfferRequest {
  readonly worker: string;
  readonly queues: readonly string[];
  readonly limit: number;
}

export interface ClaimedTaskRun {
  readonly taskRunId: number;
  readonly runId: string;
  readonly versionId: number;
  /** The fencing token of this execution. */
  readonly claim: number;
}

/** A message about one execution, delivered at least once; the claim fences it. */
export interface NewResult {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  /** As the one who reads it understands it; JSON by custom. */
  readonly payload: string;
}

export interface ResultRecord extends NewResult {
  readonly id: number;
}
