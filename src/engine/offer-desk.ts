import type { TaskInstance } from "../core/task-instance.ts";
import type { NewWorker } from "../store/fleet.ts";
import type { VersionRecord } from "../store/store.ts";
import type { ReadyLines } from "./ready-lines.ts";
import { isQueued, type Ready, ReadyQueue } from "./ready-queue.ts";

/** What is offered for each slot elsewhere: one that runs and one that waits, so that no slot stands empty for a round trip. */
const OFFERS_PER_SLOT = 2;

export interface Offered {
  readonly ready: Ready;
  readonly queue: string;
}

/** Of one version in one queue. */
interface Line {
  readonly version: Pick<VersionRecord, "workflow" | "hash">;
  /** Offered, and not claimed yet as far as is known here. */
  readonly out: Map<TaskInstance, Ready>;
  /** Out of line, because those that stand behind them may run somewhere and these may not. */
  readonly parked: ReadyQueue;
  /** Slots elsewhere that may run it. */
  slots: number;
}

/**
 * Offers to workers elsewhere what this process has no slot for, as much as they can take. What is offered is out of line
 * here: its own worker claims it back as any other does. Of a version that nobody can run one is offered all the same: a worker
 * that looks again, because what it lacked was installed, looks at what is offered.
 */
export class OfferDesk {
  #elsewhere: readonly NewWorker[] = [];
  #slots = new Map<string, number>();
  readonly #lines = new Map<string, Map<number, Line>>();

  /** Those that are alive elsewhere. */
  workers(elsewhere: readonly NewWorker[]): void {
    this.#elsewhere = elsewhere;
    this.#slots = new Map();
    for (const { queues, slots } of elsewhere)
      for (const queue of queues) this.#slots.set(queue, (this.#slots.get(queue) ?? 0) + slots);
    for (const [queue, versions] of this.#lines)
      for (const line of versions.values()) line.slots = this.#slotsFor(queue, line.version);
  }

  /** Takes out of line what is to be offered now. */
  take(lines: ReadyLines): readonly Offered[] {
    const offered: Offered[] = [];
    for (const [queue, slots] of this.#slots) {
      let room = OFFERS_PER_SLOT * slots - this.#outOf(queue);
      for (const line of this.#lines.get(queue)?.values() ?? [])
        room -= this.#offer(queue, line.parked.take(Math.max(0, limitOf(line) - line.out.size)), offered);
      while (room > 0) {
        const next = lines.take(room, [queue]);
        if (next.length === 0) break;
        room -= this.#offer(queue, next, offered);
      }
    }
    return offered;
  }

  /** By queue: how much more can be offered. */
  *rooms(): Generator<readonly [queue: string, room: number], void> {
    for (const [queue, slots] of this.#slots) yield [queue, OFFERS_PER_SLOT * slots - this.#outOf(queue)];
  }

  /** Takes one out of line that is to be offered; `false`: there is nobody for it now. */
  put(queue: string, ready: Ready): boolean {
    const line = this.#lineOf(queue, ready);
    if (line.out.size >= limitOf(line)) return false;
    line.out.set(ready.instance, ready);
    return true;
  }

  /** Those of a version that has no room stand aside. Answers how much room the others take. */
  #offer(queue: string, next: readonly Ready[], offered: Offered[]): number {
    let taken = 0;
    for (const ready of next) {
      const line = this.#lineOf(queue, ready);
      if (line.out.size >= limitOf(line)) line.parked.push(ready);
      else {
        line.out.set(ready.instance, ready);
        offered.push({ ready, queue });
        if (line.slots > 0) taken++;
      }
    }
    return taken;
  }

  /** What stands aside and this process's own worker has room for. `queues`: that it serves; `null`: all. */
  takeParked(count: number, queues: readonly string[] | null): Ready[] {
    const taken: Ready[] = [];
    for (const [queue, versions] of this.#lines)
      if (queues === null || queues.includes(queue))
        for (const { parked } of versions.values()) taken.push(...parked.take(count - taken.length));
    return taken;
  }

  #lineOf(queue: string, { run }: Ready): Line {
    const version = run.version.record;
    const versions = this.#lines.get(queue) ?? new Map<number, Line>();
    this.#lines.set(queue, versions);
    const known = versions.get(version.id);
    if (known) return known;
    const line = { version, out: new Map(), parked: new ReadyQueue(), slots: this.#slotsFor(queue, version) };
    versions.set(version.id, line);
    return line;
  }

  #slotsFor(queue: string, { workflow, hash }: Line["version"]): number {
    let count = 0;
    for (const { queues, slots, refusals = [] } of this.#elsewhere) {
      const refuses = refusals.some((refusal) => refusal.workflow === workflow && refusal.version === hash);
      if (queues.includes(queue) && !refuses) count += slots;
    }
    return count;
  }

  /** How many are offered of what somebody can run, without those that have been claimed, decided or overtaken meanwhile. */
  #outOf(queue: string): number {
    let count = 0;
    const versions = this.#lines.get(queue);
    for (const [version, line] of versions ?? []) {
      for (const [instance, ready] of line.out) if (!isQueued(ready)) line.out.delete(instance);
      if (line.out.size === 0 && line.parked.isEmpty) versions?.delete(version);
      else if (line.slots > 0) count += line.out.size;
    }
    return count;
  }
}

const limitOf = ({ slots }: Line): number => Math.max(1, OFFERS_PER_SLOT * slots);
