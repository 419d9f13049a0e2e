interface Entry<Item> {
  readonly rank: number;
  readonly order: number;
  readonly item: Item;
}

/** What stands in line by a number, the smallest first; those of one number in the order in which they came. Adding and taking cost the logarithm of the length. */
export class RankedQueue<Item> {
  readonly #heap: Entry<Item>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The smallest number; `undefined`: nobody stands in line. */
  get rank(): number | undefined {
    return this.#heap[0]?.rank;
  }

  get first(): Item | undefined {
    return this.#heap[0]?.item;
  }

  push(item: Item, rank: number): void {
    const heap = this.#heap;
    heap.push({ rank, order: this.#order++, item });
    for (let place = heap.length - 1; place > 0;) {
      const above = (place - 1) >> 1;
      if (!isBefore(heap[place]!, heap[above]!)) break;
      [heap[place], heap[above]] = [heap[above]!, heap[place]!];
      place = above;
    }
  }

  shift(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last) {
      heap[0] = last;
      this.#sink();
    }
    return first?.item;
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

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
