import type { Decision } from "../core/decide.ts";
import type { Instant } from "../core/clock.ts";
import { TransitionLog } from "../core/transition.ts";
import type { NewWorker } from "../store/fleet.ts";
import type { ClaimFacts, Dispatcher } from "./dispatcher.ts";
import { builderOf, type Builders } from "./group-builder.ts";
import type { LimitDesk } from "./limits/limit-desk.ts";
import type { LiveRun } from "./live-run.ts";
import { OfferDesk } from "./offer-desk.ts";
import { ReadyLines } from "./ready-lines.ts";
import type { Ready } from "./ready-queue.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface ClaimsOptions {
  readonly host: Pick<WorkerHost, "name">;
  /** The queues that the worker serves; `null`: all. */
  readonly queues: readonly string[] | null;
  /** Whether what is claimed may be started: else it would be given back, and claimed again, as fast as the store can. */
  readonly claims: Pick<ClaimFacts, "isHeld">;
}

/** Which queued task runs start next: in the slots of this process's own worker, or elsewhere. */
export class Claims {
  /** Nothing more is claimed. */
  draining = false;
  /** Slots that the last tick has not filled, with those that it empties. */
  left = 0;
  readonly #dispatcher: Dispatcher;
  readonly #options: ClaimsOptions;
  readonly #lines = new ReadyLines();
  readonly offers = new OfferDesk();
  readonly #limits: LimitDesk;
  /** Whose turn it is where there is one slot for those with limits and those without. */
  #isTheirs = false;

  constructor(dispatcher: Dispatcher, limits: LimitDesk, options: ClaimsOptions) {
    this.#limits = limits;
    this.#dispatcher = dispatcher;
    this.#options = options;
  }

  /** A loaded run's queued task runs stand in line again. */
  enqueue(run: LiveRun): void {
    const { limited } = run.version;
    for (const instance of run.queued()) {
      if (limited?.[instance.task]) this.#limits.push({ run, instance }, true);
      else this.#lines.push({ run, instance });
    }
  }

  /**
   * While its turn lasts, a run goes on in the slots that its own tasks leave: a hop is then one group that inserts a
   * running row, not one that inserts a queued row and later another that claims it.
   */
  line(run: LiveRun, { transitions, queued }: Decision, now: Instant): void {
    let left = 0;
    if (run.hasTurn(now)) for (const { from } of transitions) if (from === "running") left++;
    const { limited } = run.version;
    for (const instance of queued) {
      if (limited?.[instance.task]) this.#limits.push({ run, instance }, false);
      else if (left-- > 0) this.#lines.pushFirst({ run, instance });
      else this.#lines.push({ run, instance });
    }
  }

  /** Takes as many as the worker has room for; the claim is durable before the task starts. */
  take(now: Instant, builders: Builders): Ready[] {
    // A slot whose task ends in this very tick is free for the next.
    let freed = 0;
    for (const { transitions } of builders.values())
      for (const { from, instance } of transitions)
        if (from === "running" && this.#dispatcher.holds(instance.id)) freed++;
    const all = this.draining || !this.#options.claims.isHeld() ? 0 : this.#dispatcher.free + freed;
    const free = all > 0 && this.#limits.hasWork ? this.#share(all) : all;
    const { queues } = this.#options;
    const claimed = free > 0 ? this.offers.takeParked(free, queues) : [];
    if (free > claimed.length) claimed.push(...this.#lines.take(free - claimed.length, queues));
    const log = new TransitionLog(now);
    for (const { run, instance } of claimed) {
      builderOf(builders, run).add(log.claimed(instance, this.#options.host.name));
      run.takeTurn(now);
    }
    this.left = all - claimed.length;
    return claimed;
  }

  /** Where some are limited, they get half: neither those with limits nor those without wait for all of the others. */
  #share(all: number): number {
    this.#isTheirs = !this.#isTheirs;
    return this.#isTheirs ? Math.floor(all / 2) : Math.ceil(all / 2);
  }

  /** Whether somebody stands in line who takes nothing of limits. */
  get hasOthers(): boolean {
    return !this.#lines.isEmpty;
  }

  /** Offers what is still in line where there are workers for it. Answers in which queues there is something to claim. */
  offer(builders: Builders): readonly string[] {
    if (this.draining) return [];
    const offers = this.offers.take(this.#lines);
    for (const { ready, queue } of offers) builderOf(builders, ready.run).addOffer(ready.instance, queue);
    return offers.map(({ queue }) => queue);
  }

  /** Those elsewhere that are alive. */
  workers(elsewhere: readonly NewWorker[]): void {
    this.offers.workers(elsewhere);
  }
}
