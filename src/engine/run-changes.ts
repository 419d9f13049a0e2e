import type { TaskProgress } from "./task-progress.ts";

/** How long changes are gathered before they are told. */
const GATHER_MS = 40;

/** What whoever shows runs live hears of them; each of it a hint, which may be missing. */
export interface ChangeListener {
  /** A moment after it is durable: who is told looks for himself. */
  changed(runIds: readonly string[]): void;
  /** How far tasks say that they are, which stands nowhere else. */
  progressed(all: readonly TaskProgress[]): void;
}

/**
 * Which runs have changed, and how far their tasks are, for whoever shows them live. While nobody listens, a commit pays one look at a
 * field for it.
 */
export class RunChanges {
  readonly #listeners = new Set<ChangeListener>();
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

  progressed(all: readonly TaskProgress[]): void {
    for (const listener of this.#listeners) listener.progressed(all);
  }

  /** Answers how to stop. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    this.#gathering = false;
    const runIds = [...this.#changed];
    this.#changed = new Set();
    for (const listener of this.#listeners) listener.changed(runIds);
  }
}
