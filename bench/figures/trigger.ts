import { setTimeout as pause } from "node:timers/promises";
import { type Measure, overLimit, percentile } from "../figure.ts";
import type { Rig } from "../rig.ts";

const TIMES = 80;
const IDLE_MS = 4;
const OVER_LIMIT_MS = 0.5;
const QUIET_LIMIT_MS = 0.6;
const P99_MS = 10;

/** From a trigger to the first line of its task's code, when nothing else goes on. */
export const trigger: Measure<Rig> = async ({ limit, bed }) => {
  const [least, values] = await triggered([limit, bed], TIMES);
  const [least50, least99] = [percentile(least, 0.5), percentile(least, 0.99)];
  return [
    {
      name: "idle trigger to first line, p50",
      unit: "ms",
      value: percentile(values, 0.5),
      bound: "at most",
      budget: overLimit(least50, OVER_LIMIT_MS, QUIET_LIMIT_MS),
      limit: least50,
    },
    {
      name: "idle trigger to first line, p99",
      unit: "ms",
      value: percentile(values, 0.99),
      bound: "at most",
      // A machine where the limit itself is that late proves nothing.
      budget: Math.max(P99_MS, overLimit(least99, OVER_LIMIT_MS, QUIET_LIMIT_MS)),
      limit: least99,
    },
  ];
};

interface Triggered {
  triggerMs(): Promise<number>;
}

/** All of them in turn, again and again, each after a moment of rest. */
export async function triggered(all: readonly [Triggered, Triggered], times: number): Promise<[number[], number[]]> {
  const values: [number[], number[]] = [[], []];
  for (let time = 0; time < times; time++) {
    for (const [place, one] of all.entries()) {
      await pause(IDLE_MS);
      values[place]!.push(await one.triggerMs());
    }
  }
  return values;
}
