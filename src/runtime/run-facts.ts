import type { Assignment, RunInfo } from "./protocol.ts";

/** What code can ask of its run, beside its input: a value stands only where what it was made from is the same. A bit for each. */
export const RUN_FACTS = { window: 1, params: 2, events: 4, place: 8, run: 16 } as const;

type RunFact = keyof typeof RUN_FACTS;

export const RUN_FACT_NAMES = Object.keys(RUN_FACTS) as readonly RunFact[];

/** Every set of them that code may have asked for. */
export const ALL_SETS: readonly number[] = Array.from({ length: 2 ** RUN_FACT_NAMES.length }, (_, set) => set);

/** Each as text. */
export const factTexts = (
  run: RunInfo,
  { mapIndex }: Pick<Assignment, "mapIndex">,
): Readonly<Record<RunFact, string>> => ({
  window: JSON.stringify([run.interval.start, run.interval.end, run.date]),
  // What its run was given to make: the partition, too.
  params: run.partition === undefined ? (run.params ?? "") : `${run.params ?? ""} ${run.partition.key}`,
  events: run.cause ?? "",
  place: String(mapIndex),
  run: `${run.runId} ${run.generation}`,
});
