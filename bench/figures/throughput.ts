import type { Measure } from "../figure.ts";
import type { Rig } from "../rig.ts";

export const SHARE_OF_LIMIT = 0.45;
const RUNS = 1_000;
const TASKS = 10;

/** Many runs at once, each a short chain: what a busy engine gets through. */
export const throughput: Measure<Rig> = async ({ limit, bed }) => {
  const { most, ms } = await limit.tasksPerSecondAround(() => bed.run("ten", RUNS));
  return [
    {
      name: "1,000 runs of 10 tasks",
      unit: "tasks/s",
      value: ((RUNS * TASKS) / ms) * 1000,
      bound: "at least",
      budget: most * SHARE_OF_LIMIT,
      limit: most,
    },
  ];
};
