/** Callers that are remembered at once; more, and those that have been quiet the longest are forgotten. */
const REMEMBERED = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/** So many requests at once and so many a second, for each key. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: in milliseconds. Default: the process's own time. */
  constructor(burst: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Takes one. Answers 0, or in how many seconds there is one again. */
  take(key: string): number {
    const now = this.#now();
    const before = this.#buckets.get(key) ?? { left: this.#burst, at: now };
    const left = Math.min(this.#burst, before.left + ((now - before.at) / 1000) * this.#perSecond);
    // Put last: the first one is then the one that has been quiet the longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#perSecond);
  }
}
