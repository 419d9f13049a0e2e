/** How long changes are gathered before they are told. */
const GATHER_MS = 40;

/**
 * Which runs have changed, for whoever shows them live; they look for themselves. While nobody listens, a commit pays one look at a
 * field for it.
 */
export class RunChanges {
  readonly #listeners = new Set<(runIds: readonly string[]) => void>();
  #changed = new Set<string>();
  #gathering = false;

  /** Whether anybody listens. */
  get wanted(): boolean {
    return this.#listeners.size > 0;
  }

  /** What there is to see of this run is durable. */
  add(runId: string): void {
    this.#changed.add(runId);
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => this.#tell(), GATHER_MS).unref();
  }

  /** Answers how to stop. */
  listen(call: (runIds: readonly string[]) => void): () => void {
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  #tell(): void {
    this.#gathering = false;
    const runIds = [...this.#changed];
    this.#changed = new Set();
    for (const call of this.#listeners) call(runIds);
  }
}
