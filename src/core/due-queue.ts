import type { Instant } from "./clock.ts";

interface Entry<Waiting> {
  readonly at: Instant;
  readonly order: number;
  readonly waiting: Waiting;
}

/**
 * What waits for a moment, earliest first; what is due at once comes in the order in which it was put in. Adding and taking cost the
 * logarithm of the length. Nothing is taken out before its time: whoever takes looks whether it still waits (`isStale`).
 */
export class DueQueue<Waiting> {
  readonly #isStale: (waiting: Waiting, at: Instant) => boolean;
  readonly #heap: Entry<Waiting>[] = [];
  #order = 0;

  constructor(isStale: (waiting: Waiting, at: Instant) => boolean) {
    this.#isStale = isStale;
  }

  /** How many are in it, stale ones too. */
  get size(): number {
    return this.#heap.length;
  }

  add(waiting: Waiting, at: Instant): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#order++, waiting });
    let place = heap.length - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(heap[place]!, heap[above]!)) break;
      [heap[place], heap[above]] = [heap[above]!, heap[place]!];
      place = above;
    }
  }

  /** When the first of those that still wait is due. */
  get next(): Instant | null {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (!this.#isStale(first.waiting, first.at)) return first.at;
      this.#shift();
    }
    return null;
  }

  /** Takes the first that is due; `undefined`: nothing is. */
  take(now: Instant): Waiting | undefined {
    const { next } = this;
    return next === null || next > now ? undefined : this.#shift().waiting;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #shift(): Entry<Waiting> {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (!isBefore(heap[least]!, heap[place]!)) return;
      [heap[place], heap[least]] = [heap[least]!, heap[place]!];
      place = least;
    }
  }
}

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
