/** Runs that succeeded before anything is said about how long they usually take. */
export const LEAST_RUNS = 10;
/** Of these, the last. */
export const MOST_RUNS = 30;

const LEAST_LONGER_MS = 60_000;

/**
 * How long a run may take before it is slower than usual: twice the median of its history, no less than nine in ten of them took, and at
 * least a minute more than the median. `null`: there are too few to tell.
 */
export function usualLimitMs(durationsMs: readonly number[]): number | null {
  if (durationsMs.length < LEAST_RUNS) return null;
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  return Math.max(2 * median, quantile(sorted, 0.9), median + LEAST_LONGER_MS);
}

/** Between the two nearest. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
