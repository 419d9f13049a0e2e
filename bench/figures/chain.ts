import { type Measure, overLimit } from "../figure.ts";
import type { Pair } from "../rig.ts";

const TASKS = 40;
const RUNS = 10;

export interface HopBudget {
  readonly name: string;
  readonly overLimitMs: number;
  /** What the limit takes on two quiet cores. */
  readonly quietLimitMs: number;
}

/** One task after the other, one run after the other: a commit and a message each way for every hop. */
export const chain: Measure<Pair> = (pair) => hops(pair, { name: "chain of 40", overLimitMs: 0.2, quietLimitMs: 0.49 });

export async function hops(
  { limit, bed }: Pair,
  { name, overLimitMs, quietLimitMs }: HopBudget,
): ReturnType<Measure<Pair>> {
  let [least, ms] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    least += (await limit.hopMs(TASKS)) / RUNS;
    ms += await bed.run("chain_40");
  }
  return [
    {
      name,
      unit: "ms/hop",
      value: ms / (RUNS * TASKS),
      bound: "at most",
      budget: overLimit(least, overLimitMs, quietLimitMs),
      limit: least,
    },
  ];
}
