import { addMs, type Instant } from "../core/clock.ts";
import { toErrorData } from "../core/error-data.ts";
import type { ErrorData } from "../core/errors.ts";
import type { Fleet, HeldClaim, LostTaskRun, NewWorker, ResultRecord } from "../store/fleet.ts";
import type { WakeUps } from "../store/wake-ups.ts";
import type { EngineClock } from "./engine-clock.ts";
import type { LiveRun } from "./live-run.ts";
import type { Remains } from "./remains.ts";
import { offersName } from "./shared-host.ts";
import { LIMITS_CHANNEL, resultsChannel, RUNS_CHANNEL } from "./wake-up-channels.ts";

/** How this engine works beside others on the same store. */
export interface MembershipOptions {
  readonly wakeUps: WakeUps;
  /** Of this process and this life of it: nobody else has it, now or later. */
  readonly name: string;
  /** A scheduler that is silent for this long loses its runs to the others. Default: 3,500. */
  readonly leaseMs?: number;
  /** The worker of this process that runs what its scheduler claims for it; `null`: it only schedules. It serves no queue: it claims no offers. */
  readonly worker: NewWorker | null;
  /** The queues whose tasks the scheduler claims for it; `null`: all of them. */
  readonly queues: readonly string[] | null;
  /** Ids of the only runs that it takes. Default: whatever nobody holds. */
  readonly only?: () => readonly string[];
  /** Takes over what a run leaves behind that is another scheduler's now: these go on here and are reported as a worker elsewhere would. */
  readonly handOver: (run: LiveRun, remains: Remains) => void;
  /** Whether it was taken over, and may not be over. */
  readonly isHandedOver: (claim: HeldClaim) => boolean;
  /** The tasks of a worker that is silent for this long run elsewhere. Default: 10,000. */
  readonly workerLeaseMs?: number;
  /** The store can't be asked now; it is asked again. Default: nobody is told. */
  readonly onTrouble?: (error: ErrorData) => void;
}

/** The engine, as its membership uses it. */
export interface Member {
  /** How many more runs it can hold. */
  readonly room: number;
  take(runId: string): Promise<void>;
  /** Its lease has ended: everything it holds is somebody else's. */
  letGo(): Promise<void>;
  lost(taskRun: LostTaskRun): void;
  result(result: ResultRecord): void;
  /** When what has arrived was decided once. */
  decided(): Promise<void>;
  /** Somebody has given back what it held of limits. */
  limits(): void;
  /** Of the workers elsewhere that are alive. */
  workers(elsewhere: readonly NewWorker[]): void;
}

const BEATS_PER_LEASE = 3;
const RUNS_AT_ONCE = 200;
const RESULTS_AT_ONCE = 1_000;
const LOST_AT_ONCE = 10_000;
const MAX_WORKERS = 10_000;
/** A worker may come and die between two beats: nobody has seen it go. */
const LOOK_FOR_LOST_EVERY_MS = 10_000;

/**
 * One engine's place among several on one store: it keeps the leases of its scheduler and its worker, takes runs that
 * nobody holds, and notices what others have lost. Wrong about being alive when its beats come late: the store's clock
 * decides, and whatever it still commits is fenced there.
 */
export class Membership {
  readonly #fleet: Fleet;
  readonly #clock: EngineClock;
  readonly #member: Member;
  readonly #options: Required<Omit<MembershipOptions, "only">> & Pick<MembershipOptions, "only">;
  #id = 0;
  /** When the question was sent whose answer holds now: the store counts from later. */
  #keptAt: Instant = 0;
  #stopBeat: () => void = () => {};
  readonly #deafen: (() => void)[] = [];
  #beating: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #asked = false;
  #heard = false;
  /** Held, and not yet live: what they need could not be had. */
  readonly #untaken = new Set<string>();
  #left = false;
  /** The lease has ended, and there is no new one yet. */
  #lapsed = false;
  #alive = new Set<string>();
  #lookedForLostAt = 0;

  constructor(fleet: Fleet, clock: EngineClock, member: Member, options: MembershipOptions) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#member = member;
    this.#options = { leaseMs: 3_500, workerLeaseMs: 10_000, onTrouble: () => {}, ...options };
  }

  /** The number that fences what this engine commits. Wrong to ask before it has joined: what it recorded would be nobody's. */
  get id(): number {
    if (this.#id === 0) throw new Error("an engine that is one of several works only after it has joined them");
    return this.#id;
  }

  /**
   * Whether the lease holds as far as this process can know. One that stood still for longer, as in a suspended machine, finds
   * out here before it starts what others may have finished meanwhile.
   */
  get isHeld(): boolean {
    const since = this.#clock.now() - this.#keptAt;
    return since >= 0 && since < this.#options.leaseMs * 1000;
  }

  /** Whether a run is this engine's to advance that the store says that scheduler holds. */
  holds(scheduler: number | null): boolean {
    return !this.#lapsed && scheduler === this.#id;
  }

  /** Joins, and takes what nobody holds. */
  async join(): Promise<void> {
    const { worker, workerLeaseMs } = this.#options;
    if (worker) await this.#fleet.keepWorker(worker, workerLeaseMs);
    await this.#enter();
    this.#beatLater();
    this.look();
    await this.#looking;
  }

  /** There may be something to take or to read: looks soon, once for all who say so meanwhile. */
  look(): void {
    if (this.#asked || this.#left) return;
    this.#asked = true;
    this.#looking = this.#looking.then(() =>
      this.#tried(async () => {
        this.#asked = false;
        await this.#takeRuns();
        await this.#readResults();
      }),
    );
  }

  /** There may be results, and nothing else is new: looks once for all who say so meanwhile. */
  #hear(): void {
    if (this.#heard || this.#left) return;
    this.#heard = true;
    this.#looking = this.#looking.then(() =>
      this.#tried(() => {
        this.#heard = false;
        return this.#readResults();
      }),
    );
  }

  /** What it holds is free at once, and its worker is gone; where the store can't be told, when their leases end. */
  async leave(): Promise<void> {
    this.stop();
    await Promise.all([this.#beating, this.#looking]);
    await this.#told(() => this.#fleet.leaveScheduler(this.#id));
    const { worker } = this.#options;
    if (worker) await this.#told(() => this.#fleet.leaveWorker(worker.name));
    this.#options.wakeUps.notify(RUNS_CHANNEL);
  }

  /** Beats no more; the leases end by themselves. */
  stop(): void {
    this.#left = true;
    this.#stopBeat();
    this.#hearNothing();
  }

  #beatLater(): void {
    if (this.#left) return;
    const { leaseMs, workerLeaseMs } = this.#options;
    const ms = Math.min(leaseMs, workerLeaseMs) / BEATS_PER_LEASE;
    this.#stopBeat = this.#clock.at(addMs(this.#clock.now(), ms), () => {
      this.#beating = this.#tried(() => this.#beat());
      void this.#beating.then(() => this.#beatLater());
    });
  }

  async #beat(): Promise<void> {
    const { worker, workerLeaseMs, leaseMs } = this.#options;
    const sentAt = this.#clock.now();
    if (await this.#fleet.keepScheduler(this.#id, leaseMs)) this.#keptAt = sentAt;
    else {
      this.#lapsed = true;
      this.#untaken.clear();
      await this.#member.letGo();
      await this.#enter();
      this.look();
    }
    if (this.#untaken.size > 0) await this.#take([...this.#untaken]);
    if (worker) await this.#fleet.keepWorker(worker, workerLeaseMs);
    await this.#watchWorkers();
  }

  async #enter(): Promise<void> {
    const { name, leaseMs, wakeUps } = this.#options;
    const sentAt = this.#clock.now();
    this.#id = await this.#fleet.joinScheduler({ name, leaseMs });
    this.#keptAt = sentAt;
    this.#lapsed = false;
    this.#hearNothing();
    this.#deafen.push(
      wakeUps.listen(RUNS_CHANNEL, () => this.look()),
      wakeUps.listen(resultsChannel(this.#id), () => this.#hear()),
      wakeUps.listen(LIMITS_CHANNEL, () => this.#member.limits()),
    );
  }

  #hearNothing(): void {
    for (const stop of this.#deafen.splice(0)) stop();
  }

  async #watchWorkers(): Promise<void> {
    const own = this.#options.worker?.name;
    const alive = (await this.#fleet.listWorkers(MAX_WORKERS)).filter((worker) => worker.alive);
    const names = new Set(alive.map(({ name }) => name));
    const gone = [...this.#alive].some((name) => !names.has(name));
    this.#alive = names;
    // The part of this process that claims offers has the same slots, and is no other place.
    const here = own === undefined ? [] : [own, offersName(own)];
    this.#member.workers(alive.filter(({ name }) => !here.includes(name)));
    const now = this.#clock.now();
    if (gone || now >= addMs(this.#lookedForLostAt, LOOK_FOR_LOST_EVERY_MS)) await this.#findLost();
  }

  async #findLost(): Promise<void> {
    this.#lookedForLostAt = this.#clock.now();
    const own = this.#options.worker?.name;
    for (const taskRun of await this.#fleet.lostTaskRuns(this.#id, LOST_AT_ONCE))
      // Its own lease may have ended while it was cut off. What it runs, and what it never began, it knows itself.
      if (taskRun.worker !== own) this.#member.lost(taskRun);
  }

  async #takeRuns(): Promise<void> {
    let some = false;
    for (;;) {
      const limit = Math.min(RUNS_AT_ONCE, this.#member.room);
      if (limit <= 0 || this.#left) break;
      const taken = await this.#fleet.takeRuns(this.#id, limit, this.#options.only?.());
      some ||= taken.length > 0;
      await this.#take(taken);
      if (taken.length < limit) break;
    }
    // Their last holder may have died together with its worker.
    if (some) await this.#findLost();
  }

  async #readResults(): Promise<void> {
    // They stay until the commit that uses them: what comes after a full batch is read when that one is durable.
    for (;;) {
      const results = await this.#fleet.pendingResults(this.#id, RESULTS_AT_ONCE);
      for (const result of results) this.#member.result(result);
      if (results.length < RESULTS_AT_ONCE || this.#left) return;
      await this.#member.decided();
    }
  }

  /** A run whose code can't be had now is tried again with the next beat, and stops no other. One that another took first is his. */
  async #take(runIds: readonly string[]): Promise<void> {
    await Promise.all(
      runIds.map(async (runId) => {
        this.#untaken.add(runId);
        await this.#tried(async () => {
          await this.#member.take(runId).catch((thrown: unknown) => {
            if (toErrorData(thrown).code !== "RUN_HELD_ELSEWHERE") throw thrown;
          });
          this.#untaken.delete(runId);
        });
      }),
    );
  }

  /** What a store that is away now would have answered is asked again later. */
  async #tried(work: () => Promise<void>): Promise<void> {
    if (!this.#left) await this.#told(work);
  }

  async #told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#options.onTrouble(toErrorData(thrown));
    }
  }
}
