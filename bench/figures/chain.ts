import { type Measure, overLimit } from "../figure.ts";
import type { Rig } from "../rig.ts";

const TASKS = 40;
const RUNS = 10;
const OVER_LIMIT_MS = 0.2;
const QUIET_LIMIT_MS = 0.49;

/** One task after the other, one run after the other: a commit and a message each way for every hop. */
export const chain: Measure<Rig> = async ({ limit, bed }) => {
  let [least, ms] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    least += (await limit.hopMs(TASKS)) / RUNS;
    ms += await bed.run("chain_40");
  }
  const value = ms / (RUNS * TASKS);
  return [
    {
      name: "chain of 40",
      unit: "ms/hop",
      value,
      bound: "at most",
      budget: overLimit(least, OVER_LIMIT_MS, QUIET_LIMIT_MS),
      limit: least,
    },
  ];
};
