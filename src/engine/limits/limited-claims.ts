import { TransitionLog } from "../../core/transition.ts";
import type { GroupResult } from "../../store/store.ts";
import type { Arrival } from "../arrival.ts";
import type { Claims } from "../claims.ts";
import type { Committer } from "../committer.ts";
import type { Dispatcher } from "../dispatcher.ts";
import { builderOf, type Builders, type GroupBuilder } from "../group-builder.ts";
import type { LiveRun } from "../live-run.ts";
import type { OfferDesk } from "../offer-desk.ts";
import type { Ready } from "../ready-queue.ts";
import type { SchedulerDeps } from "../scheduler-deps.ts";
import { LimitDesk } from "./limit-desk.ts";
import type { LimitedReady } from "./limit-lines.ts";

/** The scheduler, as those with limits use it. */
export interface LimitedPort {
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly arrive: (run: LiveRun, arrival: Arrival) => void;
  readonly wake: () => void;
  readonly applied: (builder: GroupBuilder) => void;
  /** The run is not where it was believed to be. Answers what is to be started of it. */
  readonly reload: (run: LiveRun) => Promise<readonly Ready[]>;
  readonly dispatch: (claimed: readonly Ready[]) => Promise<void>;
  /** There is something to claim in this queue. */
  readonly offered: (queue: string) => void;
}

interface Taken extends LimitedReady {
  readonly isOffer: boolean;
}

/**
 * Claims queued task runs that take something of limits, in a commit of their own behind that of the tick: so the store can leave
 * a claim out for which there is no room, and nothing else with it. A tick without such task runs has no second commit.
 */
export class LimitedClaims {
  readonly desk: LimitDesk;
  /** They are to be asked once more, whatever arrives. */
  again = false;
  readonly #deps: SchedulerDeps;
  readonly #port: LimitedPort;

  constructor(deps: SchedulerDeps, port: LimitedPort) {
    this.#deps = deps;
    this.#port = port;
    this.desk = limitDeskOf(deps, port);
  }

  get isBusy(): boolean {
    return this.again || this.desk.hasWork;
  }

  async tick(claims: Claims): Promise<void> {
    this.again = false;
    // Where nothing may be claimed, to ask once more at once would be to ask for ever: the next beat of the lease does.
    if (!this.desk.hasWork || claims.draining || !this.#deps.claims.isHeld()) return;
    this.desk.recorded();
    const { host } = this.#deps;
    // While the store is asked, what claims offers for the same slots may take none of them.
    const unreserve = host.reserve(Math.max(0, this.#port.dispatcher.free));
    const taken = await this.#take(claims.offers);
    const unreserveTaken = host.reserve(taken.filter(({ isOffer }) => !isOffer).length);
    unreserve();
    if (taken.length > 0) await this.#claim(taken);
    unreserveTaken();
    if (this.#port.dispatcher.free <= 0) return;
    // Slots that they have left over are for the others.
    if (this.desk.hasFilled || (!this.desk.hasWork && claims.hasOthers)) this.again = true;
  }

  async #claim(taken: readonly Taken[]): Promise<void> {
    const { holder } = this.#deps;
    const { committer, applied, reload, dispatch, offered } = this.#port;
    const changed = [...this.#build(taken).values()];
    const results = await committer.commit(changed, holder());
    const durable: Ready[] = [];
    for (const [place, builder] of changed.entries()) {
      const its = taken.filter(({ entry }) => entry.run === builder.run);
      const { applied: isApplied, full, refused } = results[place] as GroupResult;
      const leftOut = isApplied ? its.filter(({ entry }) => refused?.includes(entry.instance.id)) : its;
      if (leftOut.length > 0) this.#leftOut(builder, leftOut);
      if (isApplied) {
        applied(builder);
        for (const { entry, line, isOffer } of its) {
          if (leftOut.some((one) => one.entry === entry)) continue;
          this.desk.holds(entry.instance, line);
          if (isOffer) offered(line.queue);
          else durable.push(entry);
        }
      } else if (!full) durable.push(...(await reload(builder.run)));
    }
    await dispatch(durable);
  }

  /** Nothing has happened to them. */
  #leftOut(builder: GroupBuilder, leftOut: readonly Taken[]): void {
    this.again = true;
    builder.unclaim(new Set(leftOut.map(({ entry }) => entry.instance)));
    for (const { entry, isOffer } of leftOut) if (!isOffer) TransitionLog.unclaimed(entry.instance);
    this.desk.refused(leftOut);
  }

  async #take(offers: OfferDesk): Promise<readonly Taken[]> {
    const { queues } = this.#deps;
    const { desk } = this;
    const { free } = this.#port.dispatcher;
    const own = free > 0 ? await desk.take(free, queues) : [];
    const taken: Taken[] = own.map((one) => ({ ...one, isOffer: false }));
    for (const [queue, room] of offers.rooms()) {
      if (room <= 0 || !desk.hasWork) continue;
      for (const one of await desk.take(room, [queue])) {
        if (offers.put(queue, one.entry)) taken.push({ ...one, isOffer: true });
        else desk.putBack([one]);
      }
    }
    return taken;
  }

  #build(taken: readonly Taken[]): Builders {
    const builders: Builders = new Map();
    const now = this.#deps.clock.now();
    const log = new TransitionLog(now);
    for (const { entry, line, isOffer } of taken) {
      const { run, instance } = entry;
      const builder = builderOf(builders, run);
      if (isOffer) builder.addOffer(instance, line.queue);
      else builder.add(log.claimed(instance, this.#deps.host.name));
      builder.take(instance, line.uses);
      if (!isOffer) run.takeTurn(now);
    }
    return builders;
  }
}

/** What the desk reads it asks for until the store answers. */
function limitDeskOf(
  { store, clock, holder, oust }: SchedulerDeps,
  { committer, wake, arrive }: LimitedPort,
): LimitDesk {
  const ask = <T>(question: () => Promise<T>): Promise<T> => committer.patiently([], question);
  return new LimitDesk({
    store: {
      readOutputs: (ids) => ask(() => store.readOutputs(ids)),
      limits: {
        usage: (names) => ask(() => store.limits.usage(names)),
        held: (ids) => ask(() => store.limits.held(ids)),
        holders: (name, limit) => ask(() => store.limits.holders(name, limit)),
      },
    },
    clock,
    shares: () => holder() !== undefined,
    wake,
    skip: ({ run, instance: { task, index } }, reason) => arrive(run, { kind: "skip", task, index, reason }),
    fail: ({ run, instance: { task, index } }, error) => arrive(run, { kind: "refuse", task, index, error }),
    oust,
  });
}
