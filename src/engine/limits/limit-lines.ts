import type { LimitUse } from "../../core/limit.ts";
import { RankedQueue } from "../../core/ranked-queue.ts";
import { LimitLine, type Limited } from "./limit-line.ts";
import type { LimitRooms } from "./limit-rooms.ts";

export interface LimitedReady {
  readonly entry: Limited;
  readonly line: LimitLine;
}

/**
 * All lines of queued task runs that take something of limits. Whoever takes asks only the heads of lines that may have room, best rank
 * first: a full pool costs nothing, and nobody stands behind it but those who want it too.
 */
export class LimitLines {
  readonly #rooms: LimitRooms;
  readonly #lines = new Map<string, LimitLine>();
  /** By queue: lines that may have room, by the rank of their first. One that has changed meanwhile stands there again. */
  readonly #open = new Map<string, RankedQueue<LimitLine>>();
  /** By limit: lines that wait for room in it. */
  readonly #blocked = new Map<string, Set<LimitLine>>();
  readonly #unknown = new Set<string>();
  readonly #full: LimitLine[] = [];
  readonly #filled = new Set<string>();

  constructor(rooms: LimitRooms) {
    this.#rooms = rooms;
  }

  /** Whether anybody stands in a line that may have room. */
  get hasOpen(): boolean {
    for (const open of this.#open.values()) if (open.size > 0) return true;
    return false;
  }

  /** Whether something has turned up while it was taken that nobody has seen to yet: limits to be asked for, lines without room. */
  get hasNews(): boolean {
    return this.#unknown.size > 0 || this.#full.length > 0;
  }

  get hasBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** Names of the limits that lines wait for. */
  get blockedBy(): readonly string[] {
    return [...this.#blocked.keys()];
  }

  /** Limits that have to be asked for before more can be taken. */
  takeUnknown(): readonly string[] {
    const names = [...this.#unknown];
    this.#unknown.clear();
    return names;
  }

  /** Whether a rate was filled from here, of which it has to be asked when it has room again. */
  get hasFilled(): boolean {
    return this.#filled.size > 0;
  }

  /** What was taken before is recorded. */
  askForFilled(): void {
    for (const name of this.#filled) {
      this.#rooms.forget(name);
      this.opened(name);
    }
    this.#filled.clear();
  }

  /** Lines that turned out to have no room since this was asked last. */
  takeFull(): readonly LimitLine[] {
    return this.#full.splice(0);
  }

  push(entry: Limited, queue: string, uses: readonly LimitUse[]): void {
    const key = `${queue} ${uses.map(({ name, slots, max }) => `${name} ${slots} ${max}`).join(" ")}`;
    let line = this.#lines.get(key);
    if (!line) this.#lines.set(key, (line = new LimitLine(key, queue, uses)));
    line.push(entry);
    if (line.blockedBy === null) {
      if (line.first === entry) this.#stand(line);
    } else if (entry.holds || !entry.waits) {
      // What was known of the limit may be old, and it does not wait like the others.
      this.#rooms.forget(line.blockedBy);
      this.opened(line.blockedBy);
    }
  }

  /** Up to `count` task runs of these queues that there is room for; the room is taken. `null`: of any queue. */
  take(count: number, queues: readonly string[] | null): LimitedReady[] {
    const taken: LimitedReady[] = [];
    while (taken.length < count && this.#unknown.size < MAX_ASKED) {
      const line = this.#best(queues);
      if (!line) break;
      const first = line.first!;
      const unknown = this.#rooms.unknown(line.uses);
      if (unknown !== null) {
        for (const { name } of line.uses) if (!this.#rooms.knows(name)) this.#unknown.add(name);
        this.#block(line, unknown);
        continue;
      }
      const full = this.#rooms.full(line.uses, first.holds);
      if (full && full.perMs !== null && this.#rooms.freeInMs(full.name) === null) {
        // It was filled from here, so only the store knows when it has room again, and only once that is recorded.
        this.#filled.add(full.name);
        this.#block(line, full.name);
        continue;
      }
      if (full) {
        this.#block(line, full.name);
        this.#full.push(line);
        continue;
      }
      line.shift();
      this.#rooms.take(line.uses, first.holds);
      taken.push({ entry: first, line });
      this.#stand(line);
    }
    return taken;
  }

  /** There may be room in it: whoever waits for it is asked again. */
  opened(name: string): void {
    const blocked = this.#blocked.get(name);
    this.#blocked.delete(name);
    for (const line of blocked ?? []) {
      line.blockedBy = null;
      this.#stand(line);
    }
  }

  #best(queues: readonly string[] | null): LimitLine | null {
    let best: RankedQueue<LimitLine> | null = null;
    for (const [queue, open] of this.#open) {
      if (queues !== null && !queues.includes(queue)) continue;
      while (open.size > 0 && !isCurrent(open, this.#lines)) this.#standAgain(open);
      if (open.size > 0 && (best === null || open.rank! < best.rank!)) best = open;
    }
    return best?.shift() ?? null;
  }

  /** Who was first may stand in line no more, and whoever is now comes later. */
  #standAgain(open: RankedQueue<LimitLine>): void {
    const rank = open.rank!;
    const line = open.shift()!;
    const isOpen = this.#lines.get(line.key) === line && line.blockedBy === null;
    if (isOpen && (line.first?.rank ?? Number.POSITIVE_INFINITY) > rank) this.#stand(line);
  }

  #stand(line: LimitLine): void {
    const first = line.first;
    if (!first) return void this.#lines.delete(line.key);
    let open = this.#open.get(line.queue);
    if (!open) this.#open.set(line.queue, (open = new RankedQueue()));
    open.push(line, first.rank);
  }

  #block(line: LimitLine, name: string): void {
    line.blockedBy = name;
    const blocked = this.#blocked.get(name) ?? new Set();
    this.#blocked.set(name, blocked.add(line));
  }
}

/** Limits that are asked for at once. */
const MAX_ASKED = 1_000;

/** The head still stands where the queue says. */
function isCurrent(open: RankedQueue<LimitLine>, lines: ReadonlyMap<string, LimitLine>): boolean {
  const line = open.first!;
  return lines.get(line.key) === line && line.blockedBy === null && line.first?.rank === open.rank;
}
