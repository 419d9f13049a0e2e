import type { Measure } from "../figure.ts";
import type { Pair } from "../rig.ts";

export const SHARE_OF_LIMIT = 0.45;
const RUNS = 1_000;
const TASKS = 10;

export interface ThroughputBudget {
  readonly name: string;
  readonly shareOfLimit: number;
}

/** Many runs at once, each a short chain: what a busy engine gets through. */
export const throughput: Measure<Pair> = (pair) =>
  manyRuns(pair, { name: "1,000 runs of 10 tasks", shareOfLimit: SHARE_OF_LIMIT });

export async function manyRuns(
  { limit, bed }: Pair,
  { name, shareOfLimit }: ThroughputBudget,
): ReturnType<Measure<Pair>> {
  const { most, ms } = await limit.tasksPerSecondAround(() => bed.run("ten", RUNS));
  return [
    {
      name,
      unit: "tasks/s",
      value: ((RUNS * TASKS) / ms) * 1000,
      bound: "at least",
      budget: most * shareOfLimit,
      limit: most,
    },
  ];
}
