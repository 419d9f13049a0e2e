import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { ClaimedTaskRun, Fleet, HeldClaim } from "../../store/fleet.ts";
import { NEVER_BEGUN } from "../arrival.ts";
import type { EngineClock } from "../engine-clock.ts";
import { isPassing } from "../patience.ts";
import type { WorkerHost } from "../worker-host.ts";
import type { ClaimWatch } from "./claim-watch.ts";
import type { ClaimedRuns } from "./claimed-runs.ts";
import type { HeldTasks } from "./held-tasks.ts";
import type { ResultOutbox } from "./result-outbox.ts";
import type { ServedVersions } from "./served-versions.ts";
import type { WorkerLease } from "./worker-lease.ts";

export interface ClaimerDeps {
  readonly fleet: Pick<Fleet, "claimOffers" | "offeredVersions" | "strayClaims">;
  readonly host: WorkerHost;
  readonly clock: EngineClock;
  readonly queues: readonly string[];
  readonly lease: WorkerLease;
  readonly versions: ServedVersions;
  readonly runs: ClaimedRuns;
  readonly held: HeldTasks;
  readonly outbox: ResultOutbox;
  readonly watch: Pick<ClaimWatch, "look" | "looks">;
  /** The store refuses for good. */
  readonly refused: (error: unknown) => void;
}

/** How often it is asked, beside claims that brought something, whether versions are offered that nobody here knows. */
const LEARN_EVERY_US = 1_000_000;
const MAX_LEARNED = 20;
const STRAYS_AT_ONCE = 1_000;

/** Claims as many task runs as the host has room for, and hands them over with their inputs. One question at a time: what happens meanwhile is in the next. */
export class Claimer {
  readonly #deps: ClaimerDeps;
  /** Nothing more was offered when it was last asked: a free slot alone is no reason to ask again. */
  #isDry = false;
  #isStopped = false;
  #again = false;
  #asking: Promise<void> | null = null;
  #beginning: Promise<void> = Promise.resolve();
  #learnedAt = 0;
  /** Claims of task runs of which an earlier execution has not left the host yet. */
  readonly #postponed = new Map<number, ClaimedTaskRun>();

  constructor(deps: ClaimerDeps) {
    this.#deps = deps;
  }

  /** Something may be offered. */
  look(): void {
    this.#isDry = false;
    this.#again = true;
    if (!this.#isStopped && this.#deps.lease.isHeld) this.#asking ??= this.#ask();
  }

  /** The host has let go of a task. */
  slotFreed(taskRunId: number): void {
    const next = this.#postponed.get(taskRunId);
    if (next) {
      this.#postponed.delete(taskRunId);
      this.#beginning = this.#beginning.then(() => this.#begin([next]));
    }
    this.roomMade();
  }

  roomMade(): void {
    if (!this.#isDry) this.look();
  }

  /** Claims nothing more. When it resolves, all that was claimed is at the host or handed back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const claim of this.#postponed.values()) this.#giveBack(claim, CLOSED, false);
    this.#postponed.clear();
    await Promise.all([this.#asking, this.#beginning]);
  }

  get #free(): number {
    const { host, held, outbox } = this.#deps;
    // A store that takes no results gets no more of them.
    return outbox.size > host.slots ? 0 : host.slots - held.size;
  }

  async #ask(): Promise<void> {
    const { lease, clock, refused } = this.#deps;
    // Slots that are freed in the same turn are filled together.
    await new Promise<void>((resolve) => clock.soon(resolve));
    try {
      while (this.#again && !this.#isStopped && lease.isHeld) {
        this.#again = false;
        await this.#claim();
      }
    } catch (error) {
      // The store is away: whoever finds it again looks again.
      if (!isPassing(error)) refused(error);
    }
    this.#asking = null;
  }

  async #claim(): Promise<void> {
    const { host } = this.#deps;
    const limit = this.#free;
    if (limit <= 0) return;
    const unreserve = host.reserve(limit);
    try {
      await this.#claimUpTo(limit);
    } finally {
      unreserve();
    }
  }

  async #claimUpTo(limit: number): Promise<void> {
    const { fleet, host, lease, queues, versions, held, clock, watch } = this.#deps;
    const request = { worker: host.name, queues, versions: versions.ids, limit };
    const under = lease.number;
    const looks = watch.looks;
    const claims = await lease.whileHeld(() => fleet.claimOffers(request));
    for (const claim of claims) {
      const earlier = held.take(claim, under);
      if (earlier) host.abort(earlier.taskRunId, earlier.claim, "cancelled");
    }
    // Word of a cancel may have come before the claim that it is about.
    if (claims.length > 0 && watch.looks !== looks) watch.look();
    if (claims.length < limit) this.#isDry = true;
    else this.#again = true;
    await this.#begin(claims);
    await this.#giveBackStrays();
    if (claims.length > 0 && clock.now() - this.#learnedAt < LEARN_EVERY_US) return;
    this.#learnedAt = clock.now();
    if (await this.#learn()) this.look();
  }

  /** Right after an answer, when all that was claimed and answered is known here: what else runs under this name came from a question that was given up. */
  async #giveBackStrays(): Promise<void> {
    const { fleet, host, lease, held, outbox } = this.#deps;
    for (const stray of await lease.whileHeld(() => fleet.strayClaims(host.name, STRAYS_AT_ONCE)))
      if (!held.has(stray) && !outbox.has(stray))
        outbox.add(stray.runId, { kind: "lost", ...toHeld(stray), error: NEVER_BEGUN, counts: false });
  }

  async #learn(): Promise<boolean> {
    const { fleet, lease, queues, versions, clock } = this.#deps;
    return lease.whileHeld(async () => {
      const offered = await fleet.offeredVersions(queues, versions.known(clock.now()), MAX_LEARNED);
      return versions.learn(offered, clock.now());
    });
  }

  async #begin(claims: readonly ClaimedTaskRun[]): Promise<void> {
    const { held, runs, lease, clock } = this.#deps;
    const ready = claims.filter((claim) => {
      const isFirst = !held.isLeaving(claim.taskRun.id);
      if (!isFirst) this.#postponed.set(claim.taskRun.id, claim);
      return isFirst;
    });
    if (ready.length === 0) return;
    try {
      const { assignments, failed } = await lease.whileHeld(() => runs.prepare(ready, clock.now()));
      for (const { claim, error } of failed) this.#giveBack(claim, error, true);
      this.#start(ready, assignments);
    } catch (error) {
      const isAway = isPassing(error);
      for (const claim of ready) this.#giveBack(claim, isAway ? CLOSED : toErrorData(error), !isAway);
    }
  }

  #start(
    claims: readonly ClaimedTaskRun[],
    assignments: Awaited<ReturnType<ClaimedRuns["prepare"]>>["assignments"],
  ): void {
    const { held, host, lease, runs } = this.#deps;
    const prepared = new Map(assignments.map((assignment) => [assignment.taskRunId, assignment]));
    const starting = claims.flatMap((claim) => {
      const task = held.find({ taskRunId: claim.taskRun.id, claim: claim.taskRun.claim });
      const assignment = prepared.get(claim.taskRun.id);
      // Before its inputs were here, nobody knew what it is.
      if (task && assignment && runs.takesDown(task.runId, assignment.task)) task.stopping = false;
      const isWanted = !this.#isStopped && lease.isHeld && lease.number === task?.lease && !task.stopping;
      if (task && assignment && isWanted) {
        task.task = assignment.task;
        return [assignment];
      }
      // Without one it has moved on, and nobody waits for a word about it.
      if (assignment) this.#giveBack(claim, CLOSED, false);
      else if (task) held.end(task);
      return [];
    });
    if (starting.length > 0) host.start(starting);
  }

  #giveBack({ runId, taskRun }: ClaimedTaskRun, error: ErrorData, counts: boolean): void {
    const { held, outbox } = this.#deps;
    const { id: taskRunId, claim } = taskRun;
    if (held.end({ taskRunId, claim })) outbox.add(runId, { kind: "lost", taskRunId, claim, error, counts });
  }
}

const toHeld = ({ taskRunId, claim }: HeldClaim): HeldClaim => ({ taskRunId, claim });

const CLOSED: ErrorData = {
  name: "WorkerClosed",
  code: "WORKER_CLOSED",
  message: "The worker was stopped before the task had started.",
};
