import type { RunBar } from "../api/overview.ts";

/** How many of the last runs that ended have failed one after the other; the newest comes first. */
export function failuresInARow(runs: readonly RunBar[]): number {
  const ended = runs.filter(({ endedAt, state }) => endedAt !== null && state !== "cancelled");
  const other = ended.findIndex(({ state }) => state !== "failed");
  return other === -1 ? ended.length : other;
}
