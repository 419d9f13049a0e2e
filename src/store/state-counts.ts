/** How many of something are in each state. A state that nothing is in is absent. */
export type StateCounts<State extends string> = Partial<Record<State, number>>;

export const parseCounts = <State extends string>(text: string): StateCounts<State> =>
  JSON.parse(text) as StateCounts<State>;

/** Adds in place, so that a batch of ten thousand costs ten thousand additions and one text. */
export function count<State extends string>(counts: StateCounts<State>, state: State, by: number): void {
  const sum = (counts[state] ?? 0) + by;
  if (sum === 0) delete counts[state];
  else counts[state] = sum;
}

export function addCounts<State extends string>(counts: StateCounts<State>, changes: StateCounts<State>): void {
  for (const state in changes) count(counts, state, changes[state] ?? 0);
}
