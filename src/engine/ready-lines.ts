import { rankOf } from "../core/limit.ts";
import { RankedQueue } from "../core/ranked-queue.ts";
import { isQueued, type Ready, ReadyQueue } from "./ready-queue.ts";

/** Where tasks go that name no queue. */
export const DEFAULT_QUEUE = "default";

/** One line of queued task runs for each queue, and behind it one of those of backfills. Those with a priority stand in a line of their own beside each. */
export class ReadyLines {
  readonly #lines = new Map<string, ReadyQueue>();
  readonly #backfills = new Map<string, ReadyQueue>();
  readonly #ranked = new Map<ReadyQueue, RankedQueue<Ready>>();

  /** Nobody stands in any line, or only some who do no more. */
  get isEmpty(): boolean {
    if (this.#ranked.size > 0) return false;
    for (const lines of [this.#lines, this.#backfills])
      for (const line of lines.values()) if (!line.isEmpty) return false;
    return true;
  }

  push(entry: Ready): void {
    const line = this.#line(entry);
    const priority = priorityOf(entry);
    if (priority === 0) return line.push(entry);
    const ranked = this.#ranked.get(line) ?? new RankedQueue();
    ranked.push(entry, rankOf(entry.instance.queuedAt ?? 0, priority, false));
    this.#ranked.set(line, ranked);
  }

  /** Before all that stand in its line; who has a priority stands where that says. */
  pushFirst(entry: Ready): void {
    if (priorityOf(entry) === 0) this.#line(entry).pushFirst(entry);
    else this.push(entry);
  }

  /** Up to `count` task runs of these queues, to claim now. */
  take(count: number, queues: readonly string[] | null): Ready[] {
    const taken: Ready[] = [];
    for (const lines of [this.#lines, this.#backfills])
      for (const [queue, line] of lines) {
        if (taken.length >= count) break;
        if (queues !== null && !queues.includes(queue)) continue;
        const ranked = this.#ranked.get(line);
        if (ranked) this.#takeByRank(line, ranked, count, taken);
        else taken.push(...line.take(count - taken.length));
      }
    return taken;
  }

  #takeByRank(line: ReadyQueue, ranked: RankedQueue<Ready>, count: number, taken: Ready[]): void {
    while (taken.length < count) {
      while (ranked.first && !isQueued(ranked.first)) ranked.shift();
      const { rank } = ranked;
      if (rank === undefined) {
        this.#ranked.delete(line);
        return void taken.push(...line.take(count - taken.length));
      }
      const first = line.first;
      if (first && (first.instance.queuedAt ?? 0) <= rank) taken.push(...line.take(1));
      else taken.push(ranked.shift() as Ready);
    }
  }

  #line({ run, instance }: Ready): ReadyQueue {
    const queue = run.version.graph.tasks[instance.task]?.manifest.queue ?? DEFAULT_QUEUE;
    const lines = run.record.backfill === null ? this.#lines : this.#backfills;
    let line = lines.get(queue);
    if (!line) lines.set(queue, (line = new ReadyQueue()));
    return line;
  }
}

const priorityOf = ({ run, instance }: Ready): number => run.version.graph.tasks[instance.task]?.manifest.priority ?? 0;
