/**
 * Counts the tasks whose code has run in this process. A peer's clock stops when the last body returns, so that none is
 * charged for how its clients learn of an end, nor for the last commit. (Tutti's clock stops when the end is on disk.)
 */
export class Bodies {
  #left = 0;
  #done: PromiseWithResolvers<void> = Promise.withResolvers();
  #triggered: ((at: number) => void) | null = null;

  /** Milliseconds from the start of `begin` to the end of the last of `count` bodies. */
  async time(count: number, begin: () => Promise<unknown>): Promise<number> {
    this.#left = count;
    this.#done = Promise.withResolvers();
    const start = performance.now();
    await Promise.all([begin(), this.#done.promise.then(() => (this.#end = performance.now()))]);
    return this.#end - start;
  }
  #end = 0;

  /** Milliseconds from the start of `begin` to the first line of the one body that it leads to. */
  async timeToFirstLine(begin: () => Promise<unknown>): Promise<number> {
    this.#left = 1;
    this.#done = Promise.withResolvers();
    const at = new Promise<number>((resolve) => (this.#triggered = resolve));
    const start = performance.now();
    await Promise.all([begin(), this.#done.promise]);
    return (await at) - start;
  }

  /** The first and only line of every task. */
  ran(): void {
    this.#triggered?.(performance.now());
    this.#triggered = null;
    if (--this.#left === 0) this.#done.resolve();
  }
}
