import type { LiveRun } from "./live-run.ts";

/**
 * Of one tick. Slots are filled while the rest of a thousand runs that were submitted at once is recorded; and what is made for
 * a tick dies young: garbage that outlives a scavenge, as with thousands of groups at once, teaches V8 to allocate it as old,
 * and from then on twice as much is copied by each of them.
 */
const MAX_RUNS = 128;

/** Runs for which something has arrived, those that have waited longest first. */
export class TouchedRuns {
  readonly #runs = new Set<LiveRun>();

  get size(): number {
    return this.#runs.size;
  }

  /** Ticks that it takes to decide all of them, at least one. */
  get ticks(): number {
    return Math.max(1, Math.ceil(this.#runs.size / MAX_RUNS));
  }

  add(run: LiveRun): void {
    this.#runs.add(run);
  }

  delete(run: LiveRun): void {
    this.#runs.delete(run);
  }

  /** Those of one tick. */
  take(): readonly LiveRun[] {
    const taken: LiveRun[] = [];
    for (const run of this.#runs) {
      if (taken.length === MAX_RUNS) break;
      taken.push(run);
      this.#runs.delete(run);
    }
    return taken;
  }
}
