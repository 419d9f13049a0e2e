import type { DrawerWrite, RunRecord, TaskRunRecord } from "./store.ts";

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
   * `only`: of these. Default: of all.
   */
  takeRuns(scheduler: number, limit: number, only?: readonly string[]): Promise<readonly string[]>;

  /** Records a worker, or renews its lease. A worker whose lease has ended starts it anew with this. */
  keepWorker(worker: NewWorker, leaseMs: number): Promise<void>;
  leaveWorker(name: string): Promise<void>;
  /** Of the runs that this scheduler holds: what is running under a worker that is no longer alive. */
  lostTaskRuns(scheduler: number, limit: number): Promise<readonly LostTaskRun[]>;
  /** By name. `alive`: its lease has not ended. */
  listWorkers(limit: number): Promise<readonly WorkerRecord[]>;

  /**
   * Claims offered task runs for a worker-only process: those of the highest priority first, in the order they were
   * offered. Their rows are running under the claim that comes back. Fewer than the limit: there are no more of these
   * versions. Nothing for a worker whose lease has ended.
   */
  claimOffers(request: OfferRequest): Promise<readonly ClaimedTaskRun[]>;
  /** Versions of which something is offered in these queues, beside those in `except`. */
  offeredVersions(queues: readonly string[], except: readonly number[], limit: number): Promise<readonly number[]>;
  /** Of these claims, those under which their task run is still running. */
  heldClaims(claims: readonly HeldClaim[]): Promise<readonly HeldClaimState[]>;
  /**
   * What runs under this worker's name, where a question of its for offers was given up and may have arrived after all: it
   * knows which of these are its own. Nothing where none was given up.
   */
  strayClaims(worker: string, limit: number): Promise<readonly LostTaskRun[]>;
  /** Without their task runs. Those that are gone are absent. */
  readRuns(runIds: readonly string[]): Promise<readonly RunRecord[]>;
  /** The task runs at these places, in their order, without outputs; `null`: there is no row. */
  readTaskRuns(places: readonly TaskRunPlace[]): Promise<readonly (TaskRunRecord | null)[]>;
  /** Writes drawers past the scheduler. Answers for each, in order, whether it was written: its claim was still held. */
  writeDrawers(writes: readonly DrawerWrite[]): Promise<readonly boolean[]>;
  /**
   * Leaves what worker-only processes have to say to whoever holds the runs. Durable when it resolves. Answers which
   * schedulers those are, to be woken.
   */
  addResults(results: readonly NewResult[]): Promise<readonly number[]>;
  /** Of the runs that this scheduler holds, oldest first. They stay until a group consumes them (`RunGroup.results`) or they are removed. */
  pendingResults(scheduler: number, limit: number): Promise<readonly ResultRecord[]>;
  removeResults(ids: readonly number[]): Promise<void>;
}

export interface LostTaskRun {
  readonly runId: string;
  readonly taskRunId: number;
  readonly claim: number;
  readonly worker: string;
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
  /** What is offered to it and it leaves to others. Default: nothing. */
  readonly refusals?: readonly Refusal[];
}

/** A version that a worker cannot run: its tasks stay queued for one that can. */
export interface Refusal {
  readonly workflow: string;
  /** The version's hash. */
  readonly version: string;
  readonly reason: string;
}

export interface WorkerRecord extends Required<NewWorker> {
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
  /** Only task runs of these versions. Default: of any. */
  readonly versions?: readonly number[];
  readonly limit: number;
}

export interface ClaimedTaskRun {
  readonly runId: string;
  readonly versionId: number;
  /** The run's. What ended in an earlier one may have started anew. */
  readonly generation: number;
  /** Running, under the claim that fences this execution. */
  readonly taskRun: TaskRunRecord;
}

export interface HeldClaim {
  readonly taskRunId: number;
  readonly claim: number;
}

export interface HeldClaimState extends HeldClaim {
  /** Somebody wants its run to end: the task is to be told. */
  readonly cancelRequested: boolean;
  /** Somebody wants this task run to end, by itself. */
  readonly stopRequested: boolean;
}

export interface TaskRunPlace {
  readonly runId: string;
  /** The store's id of the task. */
  readonly taskId: number;
  readonly mapIndex: number | null;
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
