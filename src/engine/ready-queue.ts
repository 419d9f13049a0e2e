import type { TaskInstance } from "../core/task-instance.ts";
import type { LiveRun } from "./live-run.ts";

export interface Ready {
  readonly run: LiveRun;
  readonly instance: TaskInstance;
}

/** Queued task runs in the order in which they were queued. Entries that are no longer queued are passed over when they come up. */
export class ReadyQueue {
  #first: Ready[] = [];
  /** Those before `#head` are out of it: what they held must not outlive its run. */
  #entries: (Ready | null)[] = [];
  #head = 0;

  get isEmpty(): boolean {
    return this.#first.length === 0 && this.#head >= this.#entries.length;
  }

  /** Who is next; `undefined`: nobody stands in line. */
  get first(): Ready | undefined {
    while (this.#first.length > 0 && !isQueued(this.#first[0] as Ready)) this.#first.shift();
    if (this.#first.length > 0) return this.#first[0];
    for (; this.#head < this.#entries.length; this.#entries[this.#head++] = null) {
      const entry = this.#entries[this.#head] as Ready;
      if (isQueued(entry)) return entry;
    }
    return undefined;
  }

  push(entry: Ready): void {
    this.#entries.push(entry);
  }

  /** Before all that stand in line. */
  pushFirst(entry: Ready): void {
    this.#first.push(entry);
  }

  /** Up to `count` task runs to claim now. */
  take(count: number): Ready[] {
    const taken = this.#first.length === 0 ? [] : this.#first.splice(0, count).filter(isQueued);
    while (taken.length < count && this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head] as Ready;
      this.#entries[this.#head++] = null;
      if (isQueued(entry)) taken.push(entry);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}

/** It still stands in line, and here. */
export const isQueued = ({ run, instance }: Ready): boolean =>
  !run.released && instance.state === "queued" && run.instanceAt(instance.task, instance.index) === instance;
