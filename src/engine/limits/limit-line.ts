import type { LimitUse } from "../../core/limit.ts";
import { RankedQueue } from "../../core/ranked-queue.ts";
import { isQueued, type Ready } from "../ready-queue.ts";

/** A queued task run that takes something of limits. */
export interface Limited extends Ready {
  readonly rank: number;
  /** What it takes is taken for it already: it was offered before its run was loaded here. */
  readonly holds: boolean;
  /** Where there is no room it stands in line; else something is done about it. */
  readonly waits: boolean;
}

/** Queued task runs that take the same of the same limits: where there is no room for the first, there is none for the others. */
export class LimitLine {
  readonly key: string;
  readonly queue: string;
  readonly uses: readonly LimitUse[];
  readonly #waiting = new RankedQueue<Limited>();
  /** The limit without room that they wait for. */
  blockedBy: string | null = null;

  constructor(key: string, queue: string, uses: readonly LimitUse[]) {
    this.key = key;
    this.queue = queue;
    this.uses = uses;
  }

  get length(): number {
    return this.#waiting.size;
  }

  push(entry: Limited): void {
    this.#waiting.push(entry, entry.rank);
  }

  /** Who is next; those that stand in line no more go. */
  get first(): Limited | undefined {
    for (let first = this.#waiting.first; first; first = this.#waiting.first) {
      if (isQueued(first)) return first;
      this.#waiting.shift();
    }
    return undefined;
  }

  shift(): Limited | undefined {
    return this.#waiting.shift();
  }

  /** Takes all of them out. */
  *drain(): Generator<Limited, void> {
    for (let first = this.first; first; first = this.first) yield this.#waiting.shift() as Limited;
  }
}
