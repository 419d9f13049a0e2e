/** What the server itself has done since it began. Names and labels are bounded: codes are ours. */
export class Counters {
  readonly #failures = new Map<string, number>();
  requests = 0;

  failed(code: string): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
  }

  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }
}
