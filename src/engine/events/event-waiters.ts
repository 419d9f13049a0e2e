import { addMs } from "../../core/clock.ts";
import { matchesFields } from "../../core/event-match.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import type { EventWait } from "../../core/wait.ts";
import { type EventRecord, MAX_EMITTED } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import type { LiveRun } from "../live-run.ts";

export interface EventWaitersDeps {
  readonly store: Pick<Store, "events">;
  readonly clock: EngineClock;
  /** It goes on now. */
  readonly wake: (waiter: Pick<TaskInstance, "task" | "index" | "claim"> & { readonly run: LiveRun }) => void;
}

/** By its place in the run: when the run is loaded again, another object stands for the same task run. */
interface Waiter extends Pick<TaskInstance, "task" | "index" | "claim"> {
  readonly run: LiveRun;
  readonly wait: EventWait;
}

const TRY_AGAIN_MS = 1_000;

/**
 * Brings back task runs that wait for events. Each is compared once with what came since it last looked, and from then on with what is new: so
 * nothing is missed that is recorded between its look and its wait. Only its own code knows whether the event is meant.
 */
export class EventWaiters {
  readonly #deps: EventWaitersDeps;
  /** Not compared yet with what came since they looked. */
  readonly #fresh = new Map<string, Waiter>();
  readonly #byName = new Map<string, { mark: string; readonly waiters: Map<string, Waiter> }>();
  #running = false;
  #again = false;

  constructor(deps: EventWaitersDeps) {
    this.#deps = deps;
  }

  /** It compares. */
  get busy(): boolean {
    return this.#running;
  }

  /** It waits, and that is durable; or it was loaded while it did. Said of one that is known, nothing changes. */
  add(run: LiveRun, { task, index, claim, wait }: TaskInstance): void {
    for (const [place, each] of (wait?.events ?? []).entries()) {
      const key = `${run.id} ${task} ${index} ${claim} ${place}`;
      const known = this.#fresh.get(key) ?? this.#byName.get(each.name)?.waiters.get(key);
      if (known?.run !== run) this.#fresh.set(key, { run, task, index, claim, wait: each });
    }
    if (this.#fresh.size > 0) this.look();
  }

  /** Something may have been emitted. */
  look(): void {
    if (this.#fresh.size === 0 && this.#byName.size === 0) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    // Whatever comes in the same turn is looked at together.
    this.#deps.clock.soon(() => void this.#looks());
  }

  async #looks(): Promise<void> {
    const { clock } = this.#deps;
    let failed = false;
    while (this.#again && !failed) {
      this.#again = false;
      failed = await this.#once().then(
        () => false,
        () => true,
      );
    }
    this.#running = false;
    // A store that can't be read now.
    if (failed) clock.at(addMs(clock.now(), TRY_AGAIN_MS), () => this.look());
  }

  async #once(): Promise<void> {
    for (const [key, next] of this.#fresh) {
      const { name, after } = next.wait;
      const known = this.#byName.get(name) ?? { mark: after, waiters: new Map<string, Waiter>() };
      this.#byName.set(name, known);
      const said = await this.#deps.store.events.emitted(name, after);
      // Loaded again meanwhile, it stands there as another one, which has not been compared.
      if (this.#fresh.get(key) !== next) continue;
      this.#fresh.delete(key);
      if (this.#woken(next, said.events)) continue;
      known.waiters.set(key, next);
      // More than is told at once: what others have seen already comes once more.
      if (said.events.length === MAX_EMITTED) known.mark = said.mark;
    }
    for (const [name, known] of this.#byName) await this.#compare(name, known);
  }

  async #compare(name: string, known: { mark: string; readonly waiters: Map<string, Waiter> }): Promise<void> {
    for (let isMore = true; isMore;) {
      const said = await this.#deps.store.events.emitted(name, known.mark);
      known.mark = said.mark;
      isMore = said.events.length === MAX_EMITTED;
      for (const [key, waiter] of known.waiters)
        if (!waits(waiter) || this.#woken(waiter, said.events)) known.waiters.delete(key);
    }
    const isAwaited = [...this.#fresh.values()].some(({ wait }) => wait.name === name);
    if (known.waiters.size === 0 && !isAwaited) this.#byName.delete(name);
  }

  #woken(waiter: Waiter, events: readonly EventRecord[]): boolean {
    if (!events.some((event) => mayMatch(waiter.wait, event))) return false;
    if (waits(waiter)) this.#deps.wake(waiter);
    return true;
  }
}

const waits = ({ run, task, index, claim }: Waiter): boolean => {
  const instance = run.released ? undefined : run.instanceAt(task, index);
  return instance?.state === "deferred" && instance.claim === claim;
};

const mayMatch = ({ fields }: EventWait, { payload }: EventRecord): boolean =>
  fields === null || matchesFields(payload === null ? {} : JSON.parse(payload), fields);
