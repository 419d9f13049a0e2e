import type { Instant } from "../../core/clock.ts";
import type { ApprovalAsk } from "../../core/approval.ts";
import type { RunAsk } from "../../core/run-call.ts";
import type { ElementRange, EventWait, Until } from "../../core/wait.ts";

export interface ParkingPorts {
  now(): Instant;
  /** Calls back once an instant has come. Answers how to take it back. */
  at(instant: Instant, call: () => void): () => void;
  /** Calls back when its process has gone on for so long. Answers how to take it back. */
  after(ms: number, call: () => void): () => void;
  /** Calls back in a later turn of the loop. */
  turn(call: () => void): void;
  /** Asks for a slot again, though nothing is due. */
  wake(): void;
}

/** Whose waits they are. */
export interface ParkingBody {
  /** Whether the slot can be given back: in a test of one task it can't. */
  readonly canPark: boolean;
  /** Gives the slot back. */
  park(until: Until): void;
  /** Whether there is something that only goes with a slot that is given back. Then that can't wait for all else to be done. */
  readonly presses: boolean;
  /** The task runs that it waits for may have ended, while it is at something else. */
  lookAtTasks(): void;
}

/** As long as something else may go on beside a wait for tasks until they are begun, or looked at: at first, and at most. */
const WATCH_MS = 20;
const MAX_WATCH_MS = 1_000;

/** What may end a wait before it is due. */
export interface Before {
  readonly event?: EventWait;
  /** A task run that a flow has asked for. */
  readonly task?: TaskPlace;
  /** What it asks people, where they find it. */
  readonly approval?: ApprovalAsk;
  /** A run that it asks for, where whoever advances its own finds it. */
  readonly run?: RunAsk;
}

export interface TaskPlace {
  readonly task: number;
  readonly index: number;
}

interface Waiting extends Before {
  readonly dueAt: Instant;
  readonly resolve: (isDue: boolean) => void;
  readonly reject: (error: Error) => void;
  cancel: () => void;
}

const NOTHING = (): void => {};

/**
 * What a body waits for. As soon as it does nothing but wait, its slot goes back, and its code stays where it is, on a promise that
 * has not settled. With a slot again, what is due by then settles, the earliest first.
 */
export class Parking {
  readonly #ports: ParkingPorts;
  readonly #body: ParkingBody;
  readonly #waiting = new Set<Waiting>();
  /** What it does beside waiting. */
  #busy = 0;
  /** Of that, what is under way to the store: it needs the claim of this slot. */
  #writing = 0;
  #isOver = false;
  #isParked = false;
  /** Made for what goes on without a slot, which is rare: most that is parked only waits. */
  #awoken: PromiseWithResolvers<void> | null = null;
  #looks = false;
  #watchMs = WATCH_MS;
  /** What others can find. */
  #published: Set<string> | null = null;
  #cancelWatch: (() => void) | null = null;

  constructor(ports: ParkingPorts, body: ParkingBody) {
    this.#ports = ports;
    this.#body = body;
  }

  get isParked(): boolean {
    return this.#isParked;
  }

  /** Settles when an instant has come (true), or when it was brought back because of an event, this one or another (false). */
  wait(dueAt: Instant, before: Before = {}): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { ...before, dueAt, resolve, reject, cancel: NOTHING };
      this.#waiting.add(waiting);
      this.#arm(waiting);
      this.#look();
      this.#watch();
    });
  }

  /** While `work` lasts, the slot is kept. */
  async whileBusy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    this.#watch();
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#look();
    }
  }

  /** Nobody finds what it asks before it has given its slot back once. */
  get #asksUnheard(): boolean {
    return [...this.#waiting].some(({ approval, run }) => {
      const asked = approval ?? run;
      return asked !== undefined && this.#published?.has(asked.id) !== true;
    });
  }

  /** As `whileBusy`, and nothing presses it. */
  async whileWriting<T>(work: () => Promise<T>): Promise<T> {
    this.#writing++;
    try {
      return await this.whileBusy(work);
    } finally {
      this.#writing--;
      this.#look();
    }
  }

  /** This task run has ended. */
  taskEnded({ task, index }: TaskPlace): void {
    for (const waiting of this.#waiting)
      if (waiting.task?.index === index && waiting.task.task === task) this.#settle(waiting, false);
  }

  /** The task runs that are waited for. */
  get tasks(): readonly TaskPlace[] {
    const tasks: TaskPlace[] = [];
    for (const { task } of this.#waiting) if (task) tasks.push(task);
    return tasks;
  }

  /** Resolves while there is a slot: code that waited may have come by something to do without being woken. */
  awake(): Promise<void> | null {
    if (!this.#isParked || this.#isOver) return null;
    this.#ports.wake();
    return (this.#awoken ??= Promise.withResolvers()).promise;
  }

  /** There is a slot again, and was to be since `wokenAt`: another clock than this one's may have said what was due then. */
  resume(wokenAt: Instant): void {
    const now = Math.max(this.#ports.now(), wokenAt);
    const waiting = [...this.#waiting].sort((a, b) => a.dueAt - b.dueAt);
    this.#isParked = false;
    this.#awoken?.resolve();
    this.#awoken = null;
    for (const each of waiting) {
      if (each.dueAt <= now) this.#settle(each);
      else if (each.event) this.#settle(each, false);
      else if (!each.task) this.#arm(each);
    }
    this.#look();
  }

  /** Nothing waits any more: what does is told why. */
  end(error: Error | null): void {
    this.#isOver = true;
    this.#watchNoMore();
    for (const waiting of this.#waiting) {
      waiting.cancel();
      if (error) waiting.reject(error);
    }
    this.#waiting.clear();
  }

  #arm(waiting: Waiting): void {
    if (!this.#isParked && !waiting.task) waiting.cancel = this.#ports.at(waiting.dueAt, () => this.#settle(waiting));
  }

  #settle(waiting: Waiting, isDue = true): void {
    waiting.cancel();
    if (this.#waiting.delete(waiting)) waiting.resolve(isDue);
  }

  // A turn later, because what has just settled may have more to do.
  #look(): void {
    if (this.#looks || !this.#canPark()) return;
    this.#looks = true;
    this.#ports.turn(() => {
      this.#looks = false;
      if (this.#canPark()) this.#park();
    });
  }

  #canPark(): boolean {
    return this.#busy === 0 && this.#waits();
  }

  #waits(): boolean {
    return this.#body.canPark && !this.#isOver && !this.#isParked && this.#waiting.size > 0;
  }

  // Something else goes on in the body, and may for long.
  #watch(): void {
    if (this.#cancelWatch !== null || this.#busy === 0 || !this.#waits()) return;
    if (this.tasks.length === 0 && !this.#asksUnheard) return;
    this.#cancelWatch = this.#ports.after(this.#watchMs, () => {
      this.#cancelWatch = null;
      if (this.#busy === 0 || !this.#waits()) return;
      if ((this.#body.presses || this.#asksUnheard) && this.#writing === 0) return this.#park();
      this.#watchMs = Math.min(2 * this.#watchMs, MAX_WATCH_MS);
      if (this.#writing === 0) this.#body.lookAtTasks();
      this.#watch();
    });
  }

  #watchNoMore(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = null;
    this.#watchMs = WATCH_MS;
  }

  #park(): void {
    this.#watchNoMore();
    // With something else to do it comes back at once.
    let dueAt = this.#busy > 0 ? this.#ports.now() : Number.POSITIVE_INFINITY;
    for (const waiting of this.#waiting) {
      waiting.cancel();
      waiting.cancel = NOTHING;
      dueAt = Math.min(dueAt, waiting.dueAt);
    }
    this.#isParked = true;
    const events = [...this.#waiting].flatMap(({ event }) => event ?? []);
    const approvals = [...this.#waiting].flatMap(({ approval }) => approval ?? []);
    const runs = [...this.#waiting].flatMap(({ run }) => run ?? []);
    for (const { id } of [...approvals, ...runs]) (this.#published ??= new Set()).add(id);
    const tasks = rangesOf(this.tasks);
    this.#body.park({
      kind: kindOf({ tasks, approvals, runs, events }),
      dueAt,
      ...(runs.length > 0 && { runs }),
      ...(approvals.length > 0 && { approvals }),
      ...(events.length > 0 && { events }),
      ...(tasks.length > 0 && { tasks }),
    });
  }
}

/** What it says that it waits for, where it is several things. */
const kindOf = (
  all: Readonly<Record<"tasks" | "approvals" | "runs" | "events", readonly unknown[]>>,
): Until["kind"] => {
  if (all.tasks.length > 0) return "tasks";
  if (all.approvals.length > 0) return "approval";
  if (all.runs.length > 0) return "run";
  return all.events.length > 0 ? "event" : "sleep";
};

/** As few ranges as they make. */
export function rangesOf(places: readonly TaskPlace[]): readonly ElementRange[] {
  const ranges: { task: number; from: number; to: number }[] = [];
  for (const { task, index } of places.toSorted((a, b) => a.task - b.task || a.index - b.index)) {
    const last = ranges.at(-1);
    if (last?.task === task && index <= last.to + 1) last.to = index;
    else ranges.push({ task, from: index, to: index });
  }
  return ranges;
}
