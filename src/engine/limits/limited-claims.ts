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

/** Claims that go in one commit with what a tick has decided. */
export interface Beside {
  readonly taken: readonly Taken[];
  readonly builders: readonly GroupBuilder[];
}

const NONE: ReadonlySet<LiveRun> = new Set();
const NOTHING: Beside = { taken: [], builders: [] };

/**
 * Claims queued task runs that take something of limits, in groups of their own: so the store can leave a claim out for which there is
 * no room, and nothing else with it. Where nobody else claims they go behind what the tick has decided, in its commit; beside others in
 * a second one. A tick without such task runs has neither.
 */
export class LimitedClaims {
  readonly desk: LimitDesk;
  /** They are to be asked once more, whatever arrives. */
  again = false;
  readonly #deps: SchedulerDeps;
  readonly #port: LimitedPort;
  readonly #released = new WeakSet<GroupBuilder>();

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

  /**
   * What can be claimed with the room and the slots that `decided` gives back, in the same commit, behind it. Where others claim too:
   * nothing, because the store would have to write one group of a run after the other.
   */
  beside(decided: Builders, { left }: Claims): Beside {
    const { holder, queues } = this.#deps;
    if (holder() !== undefined || left <= 0) return NOTHING;
    for (const builder of decided.values()) this.released(builder);
    const found = this.desk.takeKnown(left, queues);
    // What this very commit inserts has no id that a claim could name.
    this.desk.putBack(found.filter(({ entry }) => entry.instance.id === 0));
    const taken = found.filter(({ entry }) => entry.instance.id !== 0).map((one) => ({ ...one, isOffer: false }));
    const builders = [...this.#build(taken).values()];
    for (const builder of builders) builder.isSecond = decided.has(builder.run);
    return { taken, builders };
  }

  /** What it gives back is there again, or will be with the commit that it goes in. */
  released(builder: GroupBuilder): void {
    if (builder.releases.length === 0 || this.#released.has(builder)) return;
    this.#released.add(builder);
    this.desk.released(builder.releases);
  }

  /** Answers what is to be started. `reloaded`: what was decided about these did not hold, and they were read again, with what was claimed of them. */
  settle({ taken, builders }: Beside, results: readonly GroupResult[], reloaded: ReadonlySet<LiveRun>) {
    const claimed = builders.map((builder, place) => ({ builder, result: results[place]! }));
    return this.#settle(
      taken,
      claimed.filter(({ builder }) => !reloaded.has(builder.run)),
    );
  }

  async #claim(taken: readonly Taken[]): Promise<void> {
    const builders = [...this.#build(taken).values()];
    const results = await this.#port.committer.commit(builders, this.#deps.holder());
    await this.#port.dispatch(await this.settle({ taken, builders }, results, NONE));
  }

  async #settle(taken: readonly Taken[], claimed: readonly { builder: GroupBuilder; result: GroupResult }[]) {
    const { applied, reload, offered } = this.#port;
    const durable: Ready[] = [];
    for (const { builder, result } of claimed) {
      const its = taken.filter(({ entry }) => entry.run === builder.run);
      const { applied: isApplied, full, refused } = result;
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
    return durable;
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
