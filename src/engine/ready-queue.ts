import type { TaskInstance } from "../core/task-instance.ts";
import type { LiveRun } from "./live-run.ts";

export interface Ready {
  readonly run: LiveRun;
  readonly instance: TaskInstance;
}

/** Queued task runs in the order in which they were queued. Entries that are no longer queued are passed over when they come up. */
export class ReadyQueue {
  #first: Ready[] = [];
  #entries: Ready[] = [];
  #head = 0;

  push(entry: Ready): void {
    this.#entries.push(entry);
  }

  /** Before all that stand in line. */
  pushFirst(entry: Ready): void {
    this.#first.push(entry);
  }

  /** Up to `count` task runs to claim now. */
  take(count: number): Ready[] {
    const taken = this.#first.splice(0, count).filter(isQueued);
    while (taken.length < count && this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head++] as Ready;
      if (isQueued(entry)) taken.push(entry);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}

const isQueued = ({ run, instance }: Ready): boolean =>
  instance.state === "queued" && run.instanceAt(instance.task, instance.index) === instance;
