/** Does something for a key at once, and then no more often than so many milliseconds; the last wish is always kept. */
export class Throttle {
  readonly #ms: number;
  readonly #act: (key: string) => void;
  readonly #waiting = new Map<string, { again: boolean }>();

  constructor(ms: number, act: (key: string) => void) {
    this.#ms = ms;
    this.#act = act;
  }

  soon(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.again = true;
      return;
    }
    const entry = { again: false };
    this.#waiting.set(key, entry);
    this.#act(key);
    setTimeout(() => {
      this.#waiting.delete(key);
      if (entry.again) this.soon(key);
    }, this.#ms);
  }
}
